package dev.tenon.formats.onnx.proto;

import java.util.List;
import java.util.OptionalLong;

/**
 * A shape whose rank is known.
 *
 * @param dims its dimensions
 */
public record TensorShapeProto(List<Dimension> dims) {
    /** Copies the list. */
    public TensorShapeProto {
        dims = List.copyOf(dims);
    }

    /**
     * A dimension: a number, a name, or neither (unknown).
     *
     * @param value the number, if it is one. Untrusted: it may be negative
     * @param param the name, or {@code ""}
     * @param denotation the meaning of the dimension, such as {@code DATA_BATCH}
     */
    public record Dimension(OptionalLong value, String param, String denotation) {
        /**
         * A dimension with a number.
         *
         * @param value the number
         * @return the dimension
         */
        public static Dimension of(long value) {
            return new Dimension(OptionalLong.of(value), "", "");
        }

        /**
         * A dimension with a name.
         *
         * @param param the name, {@code ""} for an unknown dimension
         * @return the dimension
         */
        public static Dimension named(String param) {
            return new Dimension(OptionalLong.empty(), param, "");
        }
    }
}
