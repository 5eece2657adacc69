package dev.tenon.kernel.x64.byteconv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvShape;
import dev.tenon.kernel.conv.QuantizedConvProblem;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;

/** Depthwise convolution of bytes with channels last. Windows that need padding are computed on a copy of what they read. */
public final class X64ByteDepthwise implements Kernel {
    private static final int LINES = 8;

    /** Bytes after a copy that code may read. */
    private static final int SLACK = 64;

    private static final long SIGNS = 0x8080_8080L;
    private static final double OUTPUTS_PER_NANO = 8;

    /** A copy of all windows of so many bytes takes less time than copies of those at the borders, each with a call. */
    private static final long SMALL = 16 << 10;

    private final QuantizedConvProblem all;

    /** The same problem as one group, for copies of all channels. */
    private final PaddedByteLines copy;

    private final DepthwiseWeights shape;
    private final int channels;
    private final int partLines;
    private final int instanceParts;

    /** Whether windows are read where they are, as far as they need no padding. */
    private final boolean reads;

    /** The windows of a turn of the code. */
    private final int together;

    private final String id;
    private final NativeFunction function;

    private X64ByteDepthwise(QuantizedConvProblem p) {
        all = p;
        ByteConvWeights weights = (ByteConvWeights) p.layout();
        shape = weights.depthwise();
        channels = p.groups();
        Window2d.Axis down = p.window().rows();
        Window2d.Axis across = p.window().columns();
        ConvShape joined = new ConvShape(p.window(), p.instances(), 1, channels, channels);
        copy = new PaddedByteLines(joined, ByteDepthwiseArgument.BYTES);
        partLines = Math.min(LINES, down.output());
        boolean readsWhole = shape.bits() == 512 || channels % shape.blockChannels() == 0;
        reads = readsWhole && copy.lines(partLines) * copy.lineBytes(across.output()) > SMALL;
        instanceParts = Math.ceilDiv(down.output(), partLines);
        ByteDepthwiseEmitter emitter =
                ByteDepthwiseEmitter.of(shape, across.stride(), p.signedX(), p.signedY(), weights.clips());
        together = DepthwiseColumns.together(shape, across.stride());
        id = "conv_i8_last_depthwise_" + shape.height() + "x" + shape.width() + "_" + shape.suffix();
        function = KernelCode.of(emitter.id(), emitter::emit);
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
        return id;
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
        return ByteDepthwiseArgument.BYTES
                + copy.lines(partLines) * copy.lineBytes(all.window().columns().output())
                + SLACK;
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
                run(part, operands, scratch);
            }
        } finally {
            Reference.reachabilityFence(x);
            Reference.reachabilityFence(w);
            Reference.reachabilityFence(y);
            Reference.reachabilityFence(scratch);
        }
    }

    private void start(MemorySegment block, long weights) {
        Window2d.Axis across = all.window().columns();
        ByteDepthwiseArgument.X_PIXEL.set(block, (long) channels * across.dilation());
        ByteDepthwiseArgument.X_WINDOW.set(block, (long) channels * across.stride());
        ByteDepthwiseArgument.Y_PIXEL.set(block, channels);
        ByteDepthwiseArgument.Y_LINE.set(block, (long) across.output() * channels);
        ByteDepthwiseArgument.WEIGHTS.set(block, weights);
        ByteDepthwiseArgument.BLOCKS.set(block, shape.blocks(channels));
        ByteDepthwiseArgument.ZERO.set(block, (all.yZero() & 0xFFFFL) << Short.SIZE | all.yZero() & 0xFFFFL);
        ByteDepthwiseArgument.SIGNS.set(block, SIGNS);
        ByteDepthwiseArgument.LARGEST.set(block, RequantizedRows.LARGEST);
        int last = channels - (shape.blocks(channels) - 1) * shape.blockChannels();
        ByteDepthwiseArgument.setLastChannels(block, last, last == shape.blockChannels());
    }

    private void run(int part, MemorySegment[] operands, MemorySegment scratch) {
        Window2d.Axis down = all.window().rows();
        Window2d.Axis across = all.window().columns();
        long instance = part / instanceParts;
        int first = part % instanceParts * partLines;
        int end = Math.min(first + partLines, down.output());
        if (!reads) {
            copied(operands, scratch, instance, first, end, 0, across.output());
            return;
        }
        int inside = Math.clamp(firstInside(down), first, end);
        int outside = Math.clamp(endInside(down), inside, end);
        int left = Math.min(firstInside(across), across.output());
        int right = Math.clamp(endInside(across), left, across.output());
        copied(operands, scratch, instance, first, inside, 0, across.output());
        copied(operands, scratch, instance, inside, outside, 0, left);
        if (outside > inside && right > left) {
            long line = (long) across.input() * channels;
            long start = (instance * down.input() + down.start(inside)) * line;
            setInput(scratch, operands[0].address() + start + (long) across.start(left) * channels, line);
            call(operands, scratch, instance, inside, outside, left, right);
        }
        copied(operands, scratch, instance, inside, outside, right, across.output());
        copied(operands, scratch, instance, outside, end, 0, across.output());
    }

    /** The first window that does not begin before the input. */
    private static int firstInside(Window2d.Axis axis) {
        return Math.max(0, Math.ceilDiv(axis.padBegin(), axis.stride()));
    }

    /** The window after the last one that does not end after the input. */
    private static int endInside(Window2d.Axis axis) {
        int extent = (axis.kernel() - 1) * axis.dilation() + 1;
        return Math.floorDiv(axis.input() - extent + axis.padBegin(), axis.stride()) + 1;
    }

    /** Computes windows on a copy of what they read, with padding. */
    private void copied(
            MemorySegment[] operands,
            MemorySegment scratch,
            long instance,
            int line,
            int endLine,
            int column,
            int endColumn) {
        if (endLine > line && endColumn > column) {
            copy.copy(operands[0], scratch, instance, line, endLine, column, endColumn, all.xZero());
            setInput(scratch, scratch.address() + ByteDepthwiseArgument.BYTES, copy.lineBytes(endColumn - column));
            call(operands, scratch, instance, line, endLine, column, endColumn);
        }
    }

    private void setInput(MemorySegment block, long x, long lineBytes) {
        ByteDepthwiseArgument.X.set(block, x);
        ByteDepthwiseArgument.X_ROW.set(block, lineBytes * all.window().rows().dilation());
        ByteDepthwiseArgument.X_LINE.set(block, lineBytes * all.window().rows().stride());
    }

    private void call(
            MemorySegment[] operands,
            MemorySegment block,
            long instance,
            int line,
            int endLine,
            int column,
            int endColumn) {
        Window2d window = all.window();
        long result =
                (instance * window.rows().output() + line) * window.columns().output() + column;
        ByteDepthwiseArgument.Y.set(block, operands[all.output()].address() + result * channels);
        ByteDepthwiseArgument.LINES.set(block, endLine - line);
        ByteDepthwiseArgument.TURNS.set(block, (endColumn - column) / together);
        ByteDepthwiseArgument.REST.set(block, (endColumn - column) % together);
        function.call(block.address());
    }
}
