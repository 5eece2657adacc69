package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.conv.DepthwiseArgument.Job;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Objects;

/**
 * Channels-last depthwise convolution of float32 images in machine code: each channel is convolved by itself. A part is some
 * lines of the output. An element begins with the bias and is one chain of fused multiply-adds over the taps on the input.
 * Windows across the border of the input read fewer taps. Bounds are applied to sums in registers.
 */
public final class X64ChannelsLastDepthwise implements Kernel {
    /** The multiply-adds of a part, some ten microseconds, if there are enough lines. */
    private static final long PART_WORK = 1 << 18;

    private static final double PRODUCTS_PER_NANO = 16;

    private final ChannelsLastConvProblem problem;
    private final ConvProblem p;
    private final int bits;
    private final Window2d.Axis rowAxis;
    private final Window2d.Axis columnAxis;
    private final int channels;
    private final long pixelBytes;

    private final DepthwiseSpan[] spans;

    /** For each span the function that computes its groups. */
    private final NativeFunction[] functions;

    private final int partLines;
    private final int partsOfImage;

    private final TileEpilogue epilogue;

    private X64ChannelsLastDepthwise(ChannelsLastConvProblem problem, int bits) {
        this.problem = problem;
        this.bits = bits;
        p = problem.conv();
        rowAxis = p.window().rows();
        columnAxis = p.window().columns();
        channels = p.groups();
        pixelBytes = (long) channels * Float.BYTES;
        spans = DepthwiseSpan.of(columnAxis).toArray(DepthwiseSpan[]::new);
        functions =
                Arrays.stream(spans).map(span -> function(span.group())).toArray(NativeFunction[]::new);
        long lineWork = Math.max(1, columnAxis.output() * p.window().taps() * channels);
        int lines = Math.clamp(Math.ceilDiv(PART_WORK, lineWork), 1, rowAxis.output());
        partsOfImage = Math.ceilDiv(rowAxis.output(), lines);
        partLines = Math.ceilDiv(rowAxis.output(), partsOfImage);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), ownScratchBytes());
    }

    /**
     * The kernel of a problem.
     *
     * @param p a depthwise convolution with at least as many channels as a vector has lanes, weights stored by taps
     * @param bits the width of vectors: 256 or 512
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p, int bits) {
        return new X64ChannelsLastDepthwise(p, bits);
    }

    private String id(DepthwiseGroup group) {
        return "depthwise_f32_" + group.id() + "x" + bits / Float.SIZE + (bits == 512 ? "_avx512" : "_avx2");
    }

    private NativeFunction function(DepthwiseGroup group) {
        return KernelCode.of(id(group), () -> new DepthwiseEmitter(bits, group).emit());
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_last_x64_" + id(spans[spans.length / 2].group()));
    }

    @Override
    public int parts() {
        return Math.multiplyExact(p.instances(), partsOfImage);
    }

    @Override
    public long partNanos() {
        double work = (double) partLines * columnAxis.output() * p.window().taps() * channels;
        return 1 + (long) (work / PRODUCTS_PER_NANO);
    }

    /** The block of arguments, and a job for each line of a part. */
    private long ownScratchBytes() {
        return DepthwiseArgument.BYTES + (long) partLines * Job.BYTES;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, ownScratchBytes());
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        checkSizes(operands);
        setCommon(operands, scratch);
        try {
            for (int part = from; part < to; part++) {
                int line = part % partsOfImage * partLines;
                int lines = Math.min(partLines, rowAxis.output() - line);
                long firstLine = (long) part / partsOfImage * rowAxis.output() + line;
                runLines(part / partsOfImage, line, lines, operands, scratch);
                if (epilogue != null) {
                    long windows = columnAxis.output();
                    epilogue.apply(
                            operands[p.output()],
                            firstLine * windows * pixelBytes,
                            (int) (lines * windows),
                            channels,
                            channels,
                            operands,
                            scratch);
                }
            }
        } finally {
            for (MemorySegment operand : operands) {
                Reference.reachabilityFence(operand);
            }
            Reference.reachabilityFence(scratch);
        }
    }

    /** A fault in machine code ends the process, so sizes are checked before. */
    private void checkSizes(MemorySegment[] operands) {
        Objects.checkIndex(bits / Float.SIZE - 1, channels);
        check(operands[0], p.instances() * p.window().pixels());
        check(operands[1], p.window().taps());
        check(operands[p.output()], p.instances() * p.window().windows());
        if (p.bias() >= 0) {
            check(operands[p.bias()], 1);
        }
    }

    private void check(MemorySegment segment, long pixels) {
        Objects.checkFromIndexSize(0, pixels * pixelBytes, segment.byteSize());
    }

    private void setCommon(MemorySegment[] operands, MemorySegment block) {
        DepthwiseArgument.JOBS.set(block, block.address() + DepthwiseArgument.BYTES);
        DepthwiseArgument.X_WINDOW.set(block, columnAxis.stride() * pixelBytes);
        DepthwiseArgument.X_TAP.set(block, columnAxis.dilation() * pixelBytes);
        DepthwiseArgument.X_LINE.set(block, (long) rowAxis.dilation() * columnAxis.input() * pixelBytes);
        DepthwiseArgument.PIXEL.set(block, pixelBytes);
        DepthwiseArgument.W_LINE.set(block, columnAxis.kernel() * pixelBytes);
        DepthwiseArgument.LAST_CHANNELS.set(block, pixelBytes - bits / Byte.SIZE);
        DepthwiseArgument.BIAS.set(block, p.bias() < 0 ? 0 : operands[p.bias()].address());
        DepthwiseArgument.CLIPS.set(block, problem.isBounded() ? 1 : 0);
        DepthwiseArgument.LEAST.set(block, problem.lower());
        DepthwiseArgument.GREATEST.set(block, problem.upper());
    }

    private void runLines(int image, int line, int lines, MemorySegment[] operands, MemorySegment scratch) {
        DepthwiseArgument.JOB_COUNT.set(scratch, lines);
        for (int i = 0; i < spans.length; i++) {
            for (int job = 0; job < lines; job++) {
                put(DepthwiseArgument.BYTES + (long) job * Job.BYTES, image, line + job, spans[i], operands, scratch);
            }
            functions[i].call(scratch.address());
        }
    }

    /** Writes the job for a span of a line. */
    private void put(
            long at, int image, int line, DepthwiseSpan span, MemorySegment[] operands, MemorySegment scratch) {
        int firstLine = rowAxis.firstTap(line);
        int lines = rowAxis.endTap(line) - firstLine;
        long result = ((long) image * rowAxis.output() + line) * columnAxis.output() + span.window();
        long inputLine = (long) image * rowAxis.input() + rowAxis.start(line) + (long) firstLine * rowAxis.dilation();
        long column = columnAxis.start(span.window()) + (long) span.firstTap() * columnAxis.dilation();
        long pixel = inputLine * columnAxis.input() + column;
        long tap = (long) firstLine * columnAxis.kernel() + span.firstTap();
        set(scratch, at, Job.X, operands[0].address() + pixel * pixelBytes);
        set(scratch, at, Job.W, operands[1].address() + tap * pixelBytes);
        set(scratch, at, Job.Y, operands[p.output()].address() + result * pixelBytes);
        set(scratch, at, Job.GROUPS, span.groups());
        set(scratch, at, Job.LINES, span.taps() > 0 ? Math.max(0, lines) : 0);
        set(scratch, at, Job.TAPS, span.taps());
    }

    private static void set(MemorySegment scratch, long job, Job argument, long value) {
        scratch.set(ValueLayout.JAVA_LONG, job + argument.offset(), value);
    }
}
