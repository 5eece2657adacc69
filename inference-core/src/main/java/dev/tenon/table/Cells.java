package dev.tenon.table;

/** Cells that are objects. */
final class Cells {
    private Cells() {}

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
