package dev.tenon.samples.lessons;

import dev.tenon.CustomKernel;
import dev.tenon.OpLibrary;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * Soft thresholding, a step of iterative shrinkage: {@code sign(x) max(|x| - threshold, 0)}. An operator is a record of
 * its attributes.
 *
 * @param threshold the amount by which each element moves towards 0, at least 0
 */
public record SoftThreshold(float threshold) implements Op {
    /** Domain, name, parameters, the allowed element types, and the accuracy: results are rounded once. */
    public static final OpSchema SCHEMA = OpSchema.of("com.example", "SoftThreshold")
            .input("x", "T")
            .output("y", "T")
            .where("T", Types.set(DType.FLOAT32, DType.FLOAT64))
            .rounded();

    /** A library with the operator, from version 1 of its operator set on. Its reference computes it. */
    public static final OpLibrary SLOW = OpLibrary.empty().with(entry());

    /** The same library with a kernel for float32. */
    public static final OpLibrary FAST = OpLibrary.empty().with(entry(), SoftThreshold::kernel);

    private static OpDefinition<SoftThreshold> entry() {
        return OpDefinition.op(SCHEMA, SoftThreshold.class, SoftThreshold::of);
    }

    /**
     * Makes the operator from the attributes of a node. {@link #attributes} is the inverse.
     *
     * @param a the attributes of a node
     * @return the operator
     * @throws InvalidOperandException if the threshold is negative or NaN
     */
    public static SoftThreshold of(Attributes a) {
        float threshold = a.real("threshold", 0);
        if (!(threshold >= 0)) {
            throw new InvalidOperandException("SoftThreshold", "threshold " + threshold, "0 or more", null);
        }
        return new SoftThreshold(threshold);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("threshold", threshold, 0f);
    }

    /** The output has the element type and the shape of the input. */
    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(c.type(0));
    }

    /** The reference: a slow and obvious loop. */
    @Override
    public List<Datum> reference(Operands in) {
        Tensor y = in.tensor(0).copy();
        for (long i = 0; i < y.size(); i++) {
            y.setDouble(i, shrink(y.getDouble(i)));
        }
        return List.of(y);
    }

    private double shrink(double x) {
        return Math.copySign(Math.max(Math.abs(x) - threshold, 0), x);
    }

    /** A kernel for float32; empty for other element types, which the reference computes. */
    private static Optional<CustomKernel> kernel(SoftThreshold op, List<TensorType> inputs, List<TensorType> outputs) {
        if (inputs.getFirst().dtype() != DType.FLOAT32) {
            return Optional.empty();
        }
        float threshold = op.threshold;
        long size = inputs.getFirst().shape().knownElements();
        return Optional.of((operands, from, to) -> {
            MemorySegment x = operands[0];
            MemorySegment y = operands[1];
            for (long i = 0; i < size; i++) {
                float v = x.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                y.setAtIndex(ValueLayout.JAVA_FLOAT, i, Math.copySign(Math.max(Math.abs(v) - threshold, 0), v));
            }
        });
    }
}
