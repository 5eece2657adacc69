package dev.tenon.table;

import dev.tenon.formats.table.CategoryHash;
import dev.tenon.formats.table.Column;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The numbers of categories by their texts, or by the hashes of these, or, where all texts are whole numbers, by these numbers.
 * Immutable.
 */
final class Categories {
    static final int NONE = -1;

    private final List<String> texts;
    private final boolean areHashed;
    private final Map<Object, Integer> numbers = new HashMap<>();
    private final long[] wholes;
    private final int[] numbersOfWholes;

    private Categories(List<?> keys, List<String> texts) {
        this.texts = texts;
        this.areHashed = texts.isEmpty();
        for (int i = 0; i < keys.size(); i++) {
            numbers.putIfAbsent(keys.get(i), i);
        }
        long[] sorted = new long[texts.size()];
        boolean whole = true;
        for (int i = 0; i < sorted.length && whole; i++) {
            try {
                sorted[i] = Long.parseLong(texts.get(i));
            } catch (NumberFormatException e) {
                whole = false;
            }
        }
        wholes = whole ? sorted : new long[0];
        Arrays.sort(wholes);
        numbersOfWholes = new int[wholes.length];
        for (int i = 0; i < wholes.length; i++) {
            numbersOfWholes[i] = of(Long.toString(wholes[i]));
        }
    }

    /** The categories of a column, or null if nothing is known of them. */
    static Categories of(Column column) {
        List<?> keys = column.hashes().isEmpty() ? column.categories() : column.hashes();
        return keys.isEmpty() ? null : new Categories(keys, column.categories());
    }

    int of(String text) {
        return numbers.getOrDefault(areHashed ? (Object) CategoryHash.of(text) : text, NONE);
    }

    /** The number of a category that is a whole number. */
    int of(long whole) {
        if (areHashed) {
            return of(Long.toString(whole));
        }
        int at = Arrays.binarySearch(wholes, whole);
        return at < 0 ? NONE : numbersOfWholes[at];
    }

    @Override
    public String toString() {
        if (areHashed) {
            return "one of " + numbers.size() + " categories, whose hashes the model's file has";
        }
        int shown = Math.min(5, texts.size());
        return "one of " + texts.size() + " categories: " + String.join(", ", texts.subList(0, shown))
                + (shown < texts.size() ? ", ..." : "");
    }
}
