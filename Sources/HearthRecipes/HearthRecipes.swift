// HearthRecipes
