package dev.tenon.samples.lessons;

import dev.tenon.OpKernel;
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

/**
 * Soft thresholding, the step of iterative shrinkage: {@code sign(x) max(|x| - threshold, 0)}. An operator is a record of
 * its attributes.
 *
 * @param threshold the amount that every element shrinks by, at least 0
 */
public record SoftThreshold(float threshold) implements Op {
    /** Domain, name, parameters, their element types, and the accuracy: results are rounded once. */
    public static final OpSchema SCHEMA = OpSchema.of("com.example", "SoftThreshold")
            .input("x", "T")
            .output("y", "T")
            .where("T", Types.set(DType.FLOAT32, DType.FLOAT64))
            .rounded();

    /** The operator in version 1 and above of its operator set, computed by its reference. */
    public static final OpLibrary SLOW = OpLibrary.empty().with(entry());

    /** The same, with a kernel for float32. */
    public static final OpLibrary FAST = OpLibrary.empty().with(entry(), SoftThreshold::kernel);

    private static OpDefinition<SoftThreshold> entry() {
        return OpDefinition.op(SCHEMA, SoftThreshold.class, SoftThreshold::of);
    }

    /**
     * From attributes to the operator; {@link #attributes} is the way back.
     *
     * @param a the attributes of a node
     * @return the operator
     * @throws InvalidOperandException if the threshold is not a number from 0 on
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

    /** The output has the type of the input, whatever its shape. */
    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(c.type(0));
    }

    /** The slow obvious loop. */
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

    /** The fast way, where there is one: the reference computes the other element types. */
    private static OpKernel kernel(SoftThreshold op, List<TensorType> inputs, List<TensorType> outputs) {
        if (inputs.getFirst().dtype() != DType.FLOAT32) {
            return null;
        }
        float threshold = op.threshold;
        long size = inputs.getFirst().shape().knownElements();
        return (operands, from, to) -> {
            MemorySegment x = operands[0];
            MemorySegment y = operands[1];
            for (long i = 0; i < size; i++) {
                float v = x.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                y.setAtIndex(ValueLayout.JAVA_FLOAT, i, Math.copySign(Math.max(Math.abs(v) - threshold, 0), v));
            }
        };
    }
}
