package dev.tenon.op.nn;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/** The mean and the variance of the population of a line; both are NaN for a line without elements. */
record Moments(double mean, double variance) {
    static Moments of(Tensor x, Lines lines, long line) {
        double sum = 0;
        for (long i = 0; i < lines.length(); i++) {
            sum += x.getDouble(lines.at(line, i));
        }
        double mean = sum / lines.length();
        double squares = 0;
        for (long i = 0; i < lines.length(); i++) {
            double d = x.getDouble(lines.at(line, i)) - mean;
            squares += d * d;
        }
        return new Moments(mean, squares / lines.length());
    }

    /** The attribute stash_type: a floating type of 16 bits or more. */
    static DType stashType(OpSchema schema, Attributes a) {
        long code = a.integer("stash_type", 1);
        DType type = Types.ofCode(code).orElse(null);
        if (type == null || !Types.FLOATS.contains(type)) {
            throw new InvalidOperandException(
                    schema.qualifiedName(),
                    "attribute 'stash_type' is " + code,
                    "1 (f32), 10 (f16), 11 (f64), 16 (bf16)",
                    null);
        }
        return type;
    }
}
