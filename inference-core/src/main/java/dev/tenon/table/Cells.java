package dev.tenon.table;

import dev.tenon.error.InvalidInputException;
import java.util.List;
import java.util.Objects;

/** Cells that are objects. */
final class Cells {
    private Cells() {}

    /** The error for a row that is null. */
    static InvalidInputException nullRow(long number, String kind) {
        return new InvalidInputException("row " + number, "null", kind, "leave rows without cells out");
    }

    /** A copy of names of columns. */
    static List<String> names(List<String> columns) {
        for (int i = 0; i < Objects.requireNonNull(columns, "columns").size(); i++) {
            if (columns.get(i) == null) {
                throw new InvalidInputException("column " + i, "null", "the name of a column", null);
            }
        }
        return List.copyOf(columns);
    }

    /** The kind of an object; null if no cell can be such an object. */
    static CellKind kind(Object cell) {
        return switch (cell) {
            case null -> CellKind.MISSING;
            case Long _ -> CellKind.WHOLE;
            case Integer _ -> CellKind.WHOLE;
            case Short _ -> CellKind.WHOLE;
            case Byte _ -> CellKind.WHOLE;
            case Number _ -> CellKind.NUMBER;
            case Boolean _ -> CellKind.TRUTH;
            case CharSequence _ -> CellKind.TEXT;
            case Enum<?> _ -> CellKind.TEXT;
            case Character _ -> CellKind.TEXT;
            default -> null;
        };
    }

    /** The text of an object of kind TEXT: of an enum its name. */
    static String text(Object cell) {
        return cell instanceof Enum<?> e ? e.name() : cell.toString();
    }
}
