"""What a change does: two versions of a model beside each other."""
