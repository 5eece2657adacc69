package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelLowering;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.conv.WinogradLayout;
import dev.tenon.kernel.scalar.conv.ScalarConv;
import dev.tenon.kernel.vector.conv.VectorDepthwise;
import dev.tenon.kernel.vector.conv.VectorDirectConv;
import dev.tenon.kernel.vector.conv.VectorWinograd;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.List;

/** Kernels of Conv for float32. Other element types, and more than two spatial axes, run through the reference. */
public final class ConvKernels {
    /** The kernels of the family. */
    public static final KernelTable<ConvProblem> TABLE = new KernelTable<>(
            "conv",
            List.of(
                    new KernelChoice<>(
                            WinogradLayout.KERNEL_ID,
                            ConvKernels::refuseWinograd,
                            (p, c) -> VectorWinograd.of(p, Tiling.of(c))),
                    new KernelChoice<>(
                            "conv_f32_depthwise_vector", ConvKernels::refuseDepthwise, p -> VectorDepthwise.of(p)),
                    new KernelChoice<>(
                            "conv_f32_direct_vector",
                            ConvKernels::refuseDirect,
                            (p, c) -> VectorDirectConv.of(p, Tiling.of(c))),
                    new KernelChoice<>("conv_f32_scalar", (p, c) -> refusePacked(p), ScalarConv::new)));

    /** The lowerings of the family. */
    static final KernelSet SET = KernelSet.empty().with(Conv.class, new OfConv());

    /** The assumed time of a multiplication in scalar loops, nanoseconds. */
    private static final double SCALAR_NANOS = 0.6;

    // Limits of the depthwise kernel.

    private static final int MAX_OUTPUTS = 2;
    private static final int MAX_STRIDE = 4;
    private static final long MAX_TAPS = 512;
    private static final long MAX_ELEMENTS = 1 << 22;

    // Limits of the direct kernel.

    /** The maximum rows of windows for which it copies planes at a time. */
    private static final int MAX_LINES = 512;

    private static final long MAX_TERMS = 1 << 16;

    private ConvKernels() {}

    private static String refuseWinograd(ConvProblem p, Capabilities c) {
        if (p.winogradTile() == 0) {
            return "the weights are not transformed";
        }
        return c.refuseVector(Double.MAX_VALUE);
    }

    private static String refusePacked(ConvProblem p) {
        return p.winogradTile() > 0 ? "the weights are transformed" : null;
    }

    private static String refuseDepthwise(ConvProblem p, Capabilities c) {
        if (p.winogradTile() > 0) {
            return refusePacked(p);
        }
        if (p.inputChannels() != 1 || p.outputChannels() > MAX_OUTPUTS || p.groups() == 1) {
            return "groups of " + p.inputChannels() + " and " + p.outputChannels() + " channels";
        }
        if (p.window().taps() > MAX_TAPS) {
            return p.window().taps() + " taps";
        }
        if (p.window().rows().stride() > MAX_STRIDE || p.window().columns().stride() > MAX_STRIDE) {
            return "strides above " + MAX_STRIDE;
        }
        return fits(p, MAX_ELEMENTS) ? c.refuseVector(SCALAR_NANOS * p.multiplyAdds()) : "planes too large";
    }

    private static String refuseDirect(ConvProblem p, Capabilities c) {
        if (p.winogradTile() > 0) {
            return refusePacked(p);
        }
        if (p.terms() > MAX_TERMS) {
            return p.terms() + " terms";
        }
        Window2d.Axis r = p.window().rows();
        long row = p.window().columns().reach() * Float.BYTES;
        long lines = (Math.min(r.output(), MAX_LINES) + 1L) * r.stride() + (long) r.kernel() * r.dilation();
        long window = r.stride() + (long) r.kernel() * r.dilation();
        boolean fits = Math.max(lines, p.inputChannels() * window) <= Integer.MAX_VALUE / row;
        return fits ? c.refuseVector(SCALAR_NANOS * p.multiplyAdds()) : "planes too large";
    }

    /** Whether a plane of the input with its padding has at most a number of elements. */
    private static boolean fits(ConvProblem p, long elements) {
        return p.window().rows().reach() * p.window().columns().reach() <= elements;
    }

    private static final class OfConv implements KernelLowering<Conv> {
        @Override
        public Layout constantLayout(Conv op, int input, KernelRequest step) {
            return input == 1 && TABLE.admits(WinogradLayout.KERNEL_ID, step.capabilities())
                    ? WinogradLayout.of(op, step)
                    : Layout.ROW_MAJOR;
        }

        @Override
        public Kernel prepare(Conv op, KernelRequest step) {
            ConvProblem problem = problem(op, step);
            return problem == null ? null : TABLE.prepare(problem, step.capabilities());
        }
    }

    /** The problem of a convolution, or null if there is no kernel for it. */
    static ConvProblem problem(Conv op, KernelRequest step) {
        long[] x = step.dims(0);
        long[] w = step.dims(1);
        long[] y = step.outputDims(0);
        int tile = step.layout(1) instanceof WinogradLayout l ? l.tile() : 0;
        if (step.dtype(0) != DType.FLOAT32 || tile == 0 && !step.isRowMajor() || w[1] == 0) {
            return null;
        }
        Window2d window = Window2d.of(op.window(), x, Arrays.copyOfRange(w, 2, w.length), y);
        if (window == null
                || window.windows() > Integer.MAX_VALUE / 2
                || window.taps() * w[1] > Integer.MAX_VALUE
                || Math.max(x[0], Math.max(w[0], x[1])) > Integer.MAX_VALUE / 2) {
            return null;
        }
        int groups = (int) op.group();
        int outputs = (int) w[0] / groups;
        int bias = step.has(2) ? 2 : -1;
        return new ConvProblem(window, (int) x[0], groups, (int) w[1], outputs, bias, step.inputCount())
                .withWinogradTile(tile);
    }
}
