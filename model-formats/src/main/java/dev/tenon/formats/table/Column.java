package dev.tenon.formats.table;

import java.util.List;
import java.util.Objects;

/**
 * A column of a table.
 *
 * @param name its name, which may be empty
 * @param isCategorical whether its values are numbers of categories, 0 and up, and not quantities
 * @param categories the text of each category in the order of their numbers; empty if the texts are not known
 */
public record Column(String name, boolean isCategorical, List<String> categories) {
    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if a column of quantities has categories
     */
    public Column {
        Objects.requireNonNull(name, "name");
        categories = List.copyOf(categories);
        if (!isCategorical && !categories.isEmpty()) {
            throw new IllegalArgumentException("categories of column '" + name + "', which is not categorical");
        }
    }

    /**
     * A column of quantities.
     *
     * @param name its name
     * @return the column
     */
    public static Column numeric(String name) {
        return new Column(name, false, List.of());
    }

    /**
     * A column of categories.
     *
     * @param name its name
     * @param categories the texts of the categories, empty if they are not known
     * @return the column
     */
    public static Column categorical(String name, List<String> categories) {
        return new Column(name, true, categories);
    }
}
