package dev.tenon.kernel;

import dev.tenon.kernel.scalar.ScalarConvTranspose;
import dev.tenon.kernel.vector.VectorConvTranspose;
import dev.tenon.op.nn.WindowGrid;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.List;

/**
 * Kernels of transposed convolution, the problem being the convolution that it is the adjoint of: its windows lie on the
 * output, one for each element of the input. Other element types than float32, and more than two spatial axes, run
 * through the reference.
 */
public final class ConvTransposeKernels {
    /** The kernels of the family. */
    public static final KernelTable<ConvProblem> TABLE = new KernelTable<>(
            "convtranspose",
            List.of(
                    new KernelChoice<>(
                            "convtranspose_f32_gemm_vector",
                            ConvTransposeKernels::refuseGemm,
                            (p, c) -> VectorConvTranspose.of(p, Tiling.of(c))),
                    KernelChoice.last("convtranspose_f32_scalar", ScalarConvTranspose::new)));

    /** The operators of the family. */
    public static final KernelSet SET = KernelSet.empty().with(ConvTranspose.class, ConvTransposeKernels::prepare);

    private static final double SCALAR_NANOS = 0.8;
    private static final long MOST_TERMS = 1 << 16;

    private ConvTransposeKernels() {}

    private static String refuseGemm(ConvProblem p, Capabilities c) {
        if (p.inputs() > MOST_TERMS || p.window().taps() > MOST_TERMS) {
            return p.inputs() + " channels and " + p.window().taps() + " taps";
        }
        return c.refuseVector(SCALAR_NANOS * p.work());
    }

    private static Kernel prepare(ConvTranspose op, StepRequest step) {
        long[] x = step.dims(0);
        long[] w = step.dims(1);
        long[] y = step.outputDims(0);
        boolean empty = step.inputs().getFirst().shape().knownElements() == 0
                || step.outputs().getFirst().shape().knownElements() == 0;
        if (step.dtype(0) != DType.FLOAT32 || !step.plain() || x.length > 4 || empty) {
            return null;
        }
        WindowGrid grid = op.grid(spatial(x), spatial(w), spatial(y));
        Window2d window = Window2d.of(grid);
        long channels = Math.max(Math.max(x[0], x[1]), y[1]);
        if (window == null
                || window.windows() > Integer.MAX_VALUE / 2
                || window.pixels() > Integer.MAX_VALUE / 2
                || window.taps() * channels > Integer.MAX_VALUE / 2) {
            return null;
        }
        int groups = (int) op.group();
        return TABLE.prepare(
                new ConvProblem(
                        window,
                        (int) x[0],
                        groups,
                        (int) x[1] / groups,
                        (int) w[1],
                        step.has(2) ? 2 : -1,
                        step.inputCount()),
                step.capabilities());
    }

    private static long[] spatial(long[] dims) {
        return Arrays.copyOfRange(dims, 2, dims.length);
    }
}
