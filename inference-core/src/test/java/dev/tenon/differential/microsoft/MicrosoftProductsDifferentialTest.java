package dev.tenon.differential.microsoft;

import static dev.tenon.differential.microsoft.Microsoft.of;
import static dev.tenon.differential.microsoft.Microsoft.put;

import dev.tenon.differential.Draw;
import dev.tenon.differential.Family;
import dev.tenon.differential.Generator;
import dev.tenon.differential.Generators;
import dev.tenon.differential.OperatorModel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.Tag;

/** Products of matrices with fused operations, and distances. */
@Tag("tiers")
class MicrosoftProductsDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        put(
                all,
                "FusedMatMul",
                (draw, name) -> product(draw, name).attribute("alpha", draw.pick(null, 1f, 0.5f, -2f, 0f)));
        put(all, "TransposeMatMul", (draw, name) -> product(draw, name).attribute("alpha", draw.pick(null, 0.5f)));
        put(all, "FusedGemm", MicrosoftProductsDifferentialTest::gemm);
        put(all, "CDist", MicrosoftProductsDifferentialTest::distances);
        return all;
    }

    /** Batches of matrices, some with the batch after the rows. */
    private static OperatorModel product(Draw draw, String name) {
        DType type = draw.chance(85) ? DType.FLOAT32 : draw.pick(DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16);
        boolean batches = draw.chance(50);
        boolean turnsBatch = batches && name.equals("FusedMatMul") && draw.chance(40);
        long m = draw.positive();
        long n = draw.positive();
        long k = draw.chance(10) ? 0 : draw.positive();
        boolean turnA = draw.chance(40);
        boolean turnB = draw.chance(40);
        boolean batchA = turnsBatch && draw.chance(60);
        boolean batchB = turnsBatch && (!batchA || draw.chance(60));
        long[] stack = batches ? draw.fullDims(1, 2) : new long[0];
        for (int i = 0; i < stack.length; i++) {
            stack[i] = Math.min(3, stack[i]);
        }
        long[] own = turnsBatch || !batches || draw.chance(50) ? stack : draw.partOf(stack);
        Tensor a = draw.summands(type, dims(stack, turnA ? k : m, turnA ? m : k, batchA));
        Tensor b = draw.summands(type, dims(own, turnB ? n : k, turnB ? k : n, batchB));
        OperatorModel model = Generators.operands(draw, of(name), a, b)
                .attribute("transA", turnA ? Long.valueOf(1) : draw.pick(null, 0L))
                .attribute("transB", turnB ? Long.valueOf(1) : draw.pick(null, 0L));
        return turnsBatch
                ? model.attribute("transBatchA", batchA ? Long.valueOf(1) : draw.pick(null, 0L))
                        .attribute("transBatchB", batchB ? Long.valueOf(1) : draw.pick(null, 0L))
                : model;
    }

    /** The batch before or after the rows. */
    private static long[] dims(long[] stack, long rows, long columns, boolean turned) {
        long[] dims = Arrays.copyOf(stack, stack.length + 2);
        if (turned) {
            System.arraycopy(stack, 0, dims, 1, stack.length);
        }
        dims[turned ? 0 : stack.length] = rows;
        dims[stack.length + 1] = columns;
        return dims;
    }

    private static OperatorModel gemm(Draw draw, String name) {
        long m = draw.positive();
        long n = draw.positive();
        long k = draw.positive();
        boolean turnA = draw.chance(40);
        boolean turnB = draw.chance(40);
        String activation =
                draw.pick("Relu", "Tanh", "Sigmoid", "LeakyRelu", "Elu", "HardSigmoid", "Selu", "ThresholdedRelu");
        DType type = DType.FLOAT32;
        boolean alpha = !activation.matches("Relu|Tanh|Sigmoid");
        boolean beta = activation.equals("HardSigmoid");
        return Generators.operands(
                        draw,
                        of(name),
                        draw.summands(type, turnA ? k : m, turnA ? m : k),
                        draw.summands(type, turnB ? n : k, turnB ? k : n),
                        draw.chance(40) ? null : draw.summands(type, draw.partOf(new long[] {m, n})))
                .attribute("transA", turnA ? Long.valueOf(1) : draw.pick(null, 0L))
                .attribute("transB", turnB ? Long.valueOf(1) : draw.pick(null, 0L))
                .attribute("alpha", draw.pick(null, 0.5f, -2f))
                .attribute("beta", draw.pick(null, 2f, 0.25f))
                .attribute("activation", activation)
                .attribute("activation_alpha", alpha ? Float.valueOf(0.3f) : null)
                .attribute("activation_beta", beta ? Float.valueOf(0.4f) : null)
                .attribute("activation_gamma", activation.equals("Selu") ? Float.valueOf(1.5f) : null);
    }

    private static OperatorModel distances(Draw draw, String name) {
        DType type = draw.chance(70) ? DType.FLOAT32 : DType.FLOAT64;
        long width = draw.positive();
        return Generators.operands(
                        draw,
                        of(name),
                        draw.tame(type, draw.positive(), width),
                        draw.tame(type, draw.positive(), width))
                .attribute("metric", draw.pick(null, "euclidean", "sqeuclidean"));
    }
}
