"""How people sign in: one door for staff, holders and students, with a second factor where it is asked for."""
