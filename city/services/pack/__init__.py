"""Reading, checking and applying a city pack. `city.services.load` is the door."""
