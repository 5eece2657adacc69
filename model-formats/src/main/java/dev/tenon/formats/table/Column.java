package dev.tenon.formats.table;

import java.util.List;
import java.util.Objects;

/**
 * A column of a table.
 *
 * @param name its name, which may be empty
 * @param isCategorical whether its values are numbers of categories, 0 and up, and not quantities
 * @param categories the text of each category in the order of their numbers; empty if the texts are not known
 * @param hashes CatBoost's hash of the text of each category, in the same order, where the hashes are all that is known; see
 *     {@link CategoryHash}
 */
public record Column(String name, boolean isCategorical, List<String> categories, List<Integer> hashes) {
    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if a column of quantities has categories, or a column has texts and hashes
     */
    public Column {
        Objects.requireNonNull(name, "name");
        categories = List.copyOf(categories);
        hashes = List.copyOf(hashes);
        if (!hashes.isEmpty() && !categories.isEmpty()) {
            throw new IllegalArgumentException("texts and hashes of the categories of column '" + name + "'");
        }
        if (!isCategorical && !(categories.isEmpty() && hashes.isEmpty())) {
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
        return new Column(name, false, List.of(), List.of());
    }

    /**
     * A column of categories.
     *
     * @param name its name
     * @param categories the texts of the categories, empty if they are not known
     * @return the column
     */
    public static Column categorical(String name, List<String> categories) {
        return new Column(name, true, categories, List.of());
    }

    /**
     * A column of categories whose texts are known by their hashes.
     *
     * @param name its name
     * @param hashes the hashes of the categories, see {@link CategoryHash}
     * @return the column
     */
    public static Column hashed(String name, List<Integer> hashes) {
        return new Column(name, true, List.of(), hashes);
    }

    /**
     * This column under another name.
     *
     * @param other the name
     * @return the column
     */
    public Column named(String other) {
        return new Column(other, isCategorical, categories, hashes);
    }
}
