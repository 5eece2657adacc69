package dev.tenon.op.nn;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Set;

/**
 * Dropout at inference: the output is the data, and the mask is true everywhere. With training_mode true, the standard
 * drops elements at random. This library does not: it refuses training_mode unless the ratio is 0.
 *
 * @param seed the seed of the random generator, kept for writing the operator back; null if not given
 */
public record Dropout(Long seed) implements Op {
    private static final double DEFAULT_RATIO = 0.5;
    private static final Set<DType> DATA = Types.union(
            Types.FLOATS, Types.set(DType.FLOAT8E4M3FN, DType.FLOAT8E4M3FNUZ, DType.FLOAT8E5M2, DType.FLOAT8E5M2FNUZ));

    /** Inputs data, optionally ratio (a scalar) and training_mode (a bool scalar); outputs output and mask. */
    public static final OpSchema SCHEMA = OpSchema.of("Dropout")
            .input("data", "T")
            .optional("ratio", "T1")
            .optional("training_mode", "T2")
            .output("output", "T")
            .optionalOutput("mask", "T2")
            .where("T", DATA)
            .where("T1", DATA)
            .where("T2", Types.BOOL);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if the seed is no integer
     */
    public static Dropout of(Attributes a) {
        return new Dropout(a.has("seed") ? (Long) a.integer("seed", 0) : null);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("seed", seed);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        TensorType data = c.tensor(0);
        checkScalar(c, 1, "ratio");
        checkScalar(c, 2, "training_mode");
        Tensor training = c.constant(2);
        if (training != null && training.getBoolean(0) && (!c.has(1) || c.constant(1) != null)) {
            double ratio = c.has(1) ? c.constant(1).getDouble(0) : DEFAULT_RATIO;
            if (ratio != 0) {
                throw c.error(
                        "training_mode is true with ratio " + ratio,
                        "training_mode false, or ratio 0",
                        "export the model for inference");
            }
        }
        return List.<ValueType>of(data, new TensorType(DType.BOOL, data.shape()))
                .subList(0, c.outputCount());
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor data = in.tensor(0);
        if (in.outputs() < 2) {
            return List.of(data);
        }
        Tensor mask = Tensor.allocate(DType.BOOL, data.dims());
        for (long i = 0; i < mask.size(); i++) {
            mask.setBoolean(i, true);
        }
        return List.of(data, mask);
    }

    private static void checkScalar(InferContext c, int input, String name) {
        if (c.has(input) && c.shape(input).isKnown() && c.shape(input).knownElements() != 1) {
            throw c.error(name + " of shape " + c.shape(input), "a scalar", null);
        }
    }
}
