package dev.tenon.compression;

import dev.tenon.ValueInfo;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Turns stored elements into elements of the type that an input takes. */
final class InputConversion {
    private final Kind kind;
    private final DType to;
    private final PixelNormalization normalization;

    private enum Kind {
        NONE,
        NORMALIZE,
        WIDEN,
        ROUND
    }

    private InputConversion(Kind kind, DType to, PixelNormalization normalization) {
        this.kind = kind;
        this.to = to;
        this.normalization = normalization;
    }

    /**
     * A conversion.
     *
     * @param thing the name of the stored array in messages
     * @param from the stored type
     * @param input the input
     * @param normalization what is done with integers for an input of floating-point numbers
     * @throws CompressionException if the types do not fit
     */
    static InputConversion of(String thing, DType from, ValueInfo input, PixelNormalization normalization) {
        DType to = type(input).dtype();
        return new InputConversion(kind(thing, from, to), to, normalization);
    }

    /** The type of an input that is a tensor. */
    static TensorType type(ValueInfo input) {
        if (input.type() instanceof TensorType type) {
            return type;
        }
        throw new CompressionException(
                "input '" + input.name() + "'", input.type().text(), "tensors", null);
    }

    private static Kind kind(String thing, DType from, DType to) {
        if (from.isInteger() && to.isFloating()) {
            return Kind.NORMALIZE;
        }
        if (from == to) {
            return Kind.NONE;
        }
        if (from.isFloating() && to.isFloating()) {
            return Kind.ROUND;
        }
        if (isWider(from, to)) {
            return Kind.WIDEN;
        }
        String allowed = Arrays.stream(DType.values())
                .filter(t -> t == to
                        || t.bits() >= Byte.SIZE
                                && (to.isFloating() && (t.isInteger() || t.isFloating()) || isWider(t, to)))
                .map(DType::text)
                .collect(Collectors.joining(", "));
        throw new CompressionException(thing, "elements of type " + from.text(), allowed, "save it with another type");
    }

    /** Whether an integer type holds all values of another one. */
    private static boolean isWider(DType from, DType to) {
        return from.isInteger() && to.isInteger() && from.bits() < to.bits() && (from.isUnsigned() || to.isSigned());
    }

    /**
     * Checks that the values for channels are as many as an input has channels.
     *
     * @param thing the name of the stored array in messages
     * @param dims the dimensions of an input
     * @throws CompressionException if they are not
     */
    void check(String thing, long[] dims) {
        if (kind == Kind.NORMALIZE) {
            normalization.check(thing, dims);
        }
    }

    /** Converts the elements of a tensor that has the shape of an input. */
    Tensor apply(Tensor stored) {
        return switch (kind) {
            case NONE -> stored;
            case WIDEN -> Tensor.convert(to, stored.toLongArray(), stored.dims());
            case ROUND -> Tensor.convert(to, stored.toDoubleArray(), stored.dims());
            case NORMALIZE -> {
                float[] x = stored.toFloatArray();
                normalization.apply(x, stored.dims());
                Tensor result = Tensor.wrap(x, stored.dims());
                yield to == DType.FLOAT32 ? result : Tensor.convert(to, result.toDoubleArray(), stored.dims());
            }
        };
    }
}
