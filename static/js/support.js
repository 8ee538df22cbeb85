/* Adding to somebody else's report: what will be hidden of the words is pointed out while typing. */
import { privacyHints } from "./form-privacy.js";

const texts = JSON.parse(document.getElementById("form-texts").textContent);
const say = (sentence, values) => Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), sentence);

privacyHints(texts, say);
