package dev.tenon.tensor;

/** Reads types; the grammar is in {@link ValueType#text}. */
final class TypeParser {
    private TypeParser() {}

    static ValueType type(TextReader in) {
        in.enter();
        String word = in.name();
        ValueType type =
                switch (word) {
                    case "seq" -> new SequenceType(argument(in));
                    case "optional" -> new OptionalType(argument(in));
                    case "map" -> map(in);
                    default -> new TensorType(DType.parse(word), Shape.read(in));
                };
        in.leave();
        return type;
    }

    private static ValueType argument(TextReader in) {
        in.expect('(');
        ValueType type = type(in);
        in.expect(')');
        return type;
    }

    private static MapType map(TextReader in) {
        in.expect('(');
        DType key = DType.parse(in.name());
        in.expect(',');
        ValueType value = type(in);
        in.expect(')');
        return new MapType(key, value);
    }
}
