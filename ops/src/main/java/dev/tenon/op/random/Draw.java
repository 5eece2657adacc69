package dev.tenon.op.random;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/** The attributes and the generator of random operators: G. Steele, D. Lea and C. Flood's SplitMix (2014). */
final class Draw {
    private Draw() {}

    /** The generator of one call. */
    static SplittableRandom generator(Float seed) {
        return seed == null ? new SplittableRandom() : new SplittableRandom(Float.floatToIntBits(seed));
    }

    static Float seed(Attributes a) {
        return a.has("seed") ? (Float) a.real("seed", 0) : null;
    }

    /** The element type that the attribute dtype names, or null if it is not given. */
    static DType type(String operator, Attributes a, Set<DType> allowed) {
        if (!a.has("dtype")) {
            return null;
        }
        long code = a.integer("dtype", 0);
        DType type = Types.ofCode(code).orElse(null);
        if (type == null || !allowed.contains(type)) {
            throw new InvalidOperandException(
                    operator,
                    "dtype " + (type == null ? code : type.text()),
                    String.join(", ", allowed.stream().map(DType::text).toList()),
                    null);
        }
        return type;
    }

    static List<Long> shape(String operator, Attributes a) {
        List<Long> shape = a.integers("shape", null);
        if (shape == null || shape.stream().anyMatch(n -> n < 0)) {
            throw new InvalidOperandException(operator, "shape " + shape, "dimensions from 0 on", null);
        }
        return shape;
    }

    static Long code(DType type) {
        return type == null ? null : (Long) (long) Types.code(type);
    }

    /** The type of an output of the shape of the input and of an element type; null for the input's element type. */
    static List<ValueType> like(InferContext c, DType type) {
        DType result = type == null ? c.dtype(0) : type;
        if (!result.isFloating() || !Types.FLOATS.contains(result)) {
            throw c.error("an input of " + result.text() + " without dtype", "a floating type", "give dtype");
        }
        return List.of(new TensorType(result, c.shape(0)));
    }

    static Tensor fill(DType type, long[] dims, Float seed, ToDoubleFunction<SplittableRandom> number) {
        Tensor y = Tensor.allocate(type, dims);
        SplittableRandom random = generator(seed);
        for (long i = 0; i < y.size(); i++) {
            y.setDouble(i, number.applyAsDouble(random));
        }
        return y;
    }
}
