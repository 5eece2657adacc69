package dev.tenon.table;

/** Cells that are objects. */
final class Cells {
    private Cells() {}

    /** The kind of an object; null if no cell can be such an object. */
    static CellKind kind(Object cell) {
        return switch (cell) {
            case null -> CellKind.MISSING;
            case Long l -> CellKind.WHOLE;
            case Integer i -> CellKind.WHOLE;
            case Short s -> CellKind.WHOLE;
            case Byte b -> CellKind.WHOLE;
            case Number n -> CellKind.NUMBER;
            case Boolean b -> CellKind.TRUTH;
            case CharSequence s -> CellKind.TEXT;
            case Enum<?> e -> CellKind.TEXT;
            case Character c -> CellKind.TEXT;
            default -> null;
        };
    }

    /** The text of an object of kind TEXT: of an enum its name. */
    static String text(Object cell) {
        return cell instanceof Enum<?> e ? e.name() : cell.toString();
    }
}
