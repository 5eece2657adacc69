package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.QuantizedConvProblem;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.Objects;

/** Depthwise convolution of bytes with channels last. Lines are copied with padding, if there is any. */
public final class X64ByteDepthwise implements Kernel {
    private static final int LINES = 8;

    /** Bytes after a copy that code may read. */
    private static final int SLACK = 64;

    private static final long SIGNS = 0x8080_8080L;
    private static final double OUTPUTS_PER_NANO = 8;

    private final QuantizedConvProblem all;

    /** The same problem as one group, for copies of all channels. */
    private final PaddedLines copy;

    private final DepthwiseWeights shape;
    private final int channels;
    private final int partLines;
    private final int instanceParts;
    private final long lineBytes;
    private final String id;
    private final NativeFunction function;

    private X64ByteDepthwise(QuantizedConvProblem p) {
        all = p;
        ByteConvWeights weights = (ByteConvWeights) p.layout();
        shape = weights.depthwise();
        channels = p.groups();
        Window2d.Axis down = p.window().rows();
        Window2d.Axis across = p.window().columns();
        boolean direct = shape.bits() == 512 && PaddedLines.isInside(down) && PaddedLines.isInside(across);
        QuantizedConvProblem joined = new QuantizedConvProblem(
                p.window(),
                p.instances(),
                1,
                channels,
                channels,
                p.signedX(),
                p.xZero(),
                p.signedY(),
                p.yZero(),
                p.weights(),
                p.layout(),
                p.output());
        copy = direct ? null : new PaddedLines(joined);
        lineBytes = direct ? (long) across.input() * channels : copy.lineBytes();
        partLines = Math.min(LINES, down.output());
        instanceParts = Math.ceilDiv(down.output(), partLines);
        DepthwiseEmitter emitter = new DepthwiseEmitter(shape, p.signedX(), p.signedY(), weights.clips());
        id = emitter.id();
        function = KernelCode.of(id, emitter::emit);
    }

    /**
     * The kernel of a problem.
     *
     * @param p a convolution whose weights are packed as {@link ByteConvWeights}, depthwise ones
     * @return the kernel
     */
    public static Kernel of(QuantizedConvProblem p) {
        return new X64ByteDepthwise(p);
    }

    @Override
    public String id() {
        return "conv_" + id;
    }

    @Override
    public int parts() {
        return all.instances() * instanceParts;
    }

    @Override
    public long partNanos() {
        return (long) ((double) partLines * all.window().columns().output() * channels / OUTPUTS_PER_NANO);
    }

    @Override
    public long scratchBytes() {
        return DepthwiseArgument.BYTES + (copy == null ? 0 : copy.lines(partLines) * lineBytes + SLACK);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment w = operands[all.weights()];
        MemorySegment y = operands[all.output()];
        Objects.checkFromIndexSize(0, all.inputBytes(), x.byteSize());
        Objects.checkFromIndexSize(0, (long) shape.blocks(channels) * shape.blockBytes(), w.byteSize());
        Objects.checkFromIndexSize(0, all.outputBytes(), y.byteSize());
        Objects.checkFromIndexSize(0, scratchBytes(), scratch.byteSize());
        start(scratch, w.address());
        try {
            for (int part = from; part < to; part++) {
                run(part, x, y, scratch);
            }
        } finally {
            Reference.reachabilityFence(x);
            Reference.reachabilityFence(w);
            Reference.reachabilityFence(y);
            Reference.reachabilityFence(scratch);
        }
    }

    private void start(MemorySegment block, long weights) {
        Window2d.Axis down = all.window().rows();
        Window2d.Axis across = all.window().columns();
        int together = shape.windows();
        DepthwiseArgument.X_ROW.set(block, lineBytes * down.dilation());
        DepthwiseArgument.X_PIXEL.set(block, (long) channels * across.dilation());
        DepthwiseArgument.X_WINDOW.set(block, (long) channels * across.stride());
        DepthwiseArgument.X_LINE.set(block, lineBytes * down.stride());
        DepthwiseArgument.Y_PIXEL.set(block, channels);
        DepthwiseArgument.Y_LINE.set(block, (long) across.output() * channels);
        DepthwiseArgument.PAIRS.set(block, together == 2 ? across.output() / 2 : 0);
        DepthwiseArgument.SINGLES.set(block, together == 2 ? across.output() % 2 : across.output());
        DepthwiseArgument.WEIGHTS.set(block, weights);
        DepthwiseArgument.BLOCKS.set(block, shape.blocks(channels));
        DepthwiseArgument.ZERO.set(block, (all.yZero() & 0xFFFFL) << Short.SIZE | all.yZero() & 0xFFFFL);
        DepthwiseArgument.SIGNS.set(block, SIGNS);
        block.set(ValueLayout.JAVA_FLOAT, DepthwiseArgument.LARGEST.offset(), RequantizedRows.LARGEST);
        DepthwiseArgument.setLastChannels(block, channels - (shape.blocks(channels) - 1) * shape.blockChannels());
    }

    private void run(int part, MemorySegment x, MemorySegment y, MemorySegment scratch) {
        Window2d.Axis down = all.window().rows();
        Window2d.Axis across = all.window().columns();
        long instance = part / instanceParts;
        int first = part % instanceParts * partLines;
        int lines = Math.min(partLines, down.output() - first);
        long start = x.address()
                + (instance * down.input() + down.start(first)) * lineBytes
                + (long) across.start(0) * channels;
        if (copy != null) {
            MemorySegment to = scratch.asSlice(DepthwiseArgument.BYTES);
            copy.copy(x, instance, 0, first, lines, to);
            start = to.address();
        }
        DepthwiseArgument.X.set(scratch, start);
        DepthwiseArgument.Y.set(
                scratch, y.address() + (instance * down.output() + first) * across.output() * channels);
        DepthwiseArgument.LINES.set(scratch, lines);
        function.call(scratch.address());
    }
}
