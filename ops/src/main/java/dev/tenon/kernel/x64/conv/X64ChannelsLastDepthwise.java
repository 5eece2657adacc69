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

    /** The first window of a line of which all taps are on the input, and the window after the last one. */
    private final int firstInner;

    private final int endInner;

    /** The windows of a group of these, 0 if there are none. */
    private final int groupWindows;

    private final int partLines;
    private final int partsOfImage;

    /** For single windows, and for groups of them. */
    private final NativeFunction single;

    private final NativeFunction group;
    private final TileEpilogue epilogue;

    private X64ChannelsLastDepthwise(ChannelsLastConvProblem problem, int bits) {
        this.problem = problem;
        this.bits = bits;
        p = problem.conv();
        rowAxis = p.window().rows();
        columnAxis = p.window().columns();
        channels = p.groups();
        pixelBytes = (long) channels * Float.BYTES;
        int lastTap = columnAxis.kernel() - 1;
        firstInner = Math.min(columnAxis.output(), columnAxis.firstWindow(0));
        endInner = Math.max(firstInner, columnAxis.endWindow(lastTap));
        int inner = endInner - firstInner;
        int groups = Math.ceilDiv(inner, DepthwiseEmitter.MAX_WINDOWS);
        groupWindows = groups == 0 ? 0 : Math.ceilDiv(inner, groups);
        long lineWork = Math.max(1, columnAxis.output() * p.window().taps() * channels);
        int lines = Math.clamp(Math.ceilDiv(PART_WORK, lineWork), 1, rowAxis.output());
        partsOfImage = Math.ceilDiv(rowAxis.output(), lines);
        partLines = Math.ceilDiv(rowAxis.output(), partsOfImage);
        single = function(1);
        group = groupWindows == 0 ? single : function(groupWindows);
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

    private String id(int windows) {
        return "depthwise_f32_" + windows + "x" + bits / Float.SIZE + (bits == 512 ? "_avx512" : "_avx2");
    }

    private NativeFunction function(int windows) {
        return KernelCode.of(id(windows), () -> new DepthwiseEmitter(bits, windows).emit());
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_last_x64_" + id(Math.max(1, groupWindows)));
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

    /** The block of arguments and the jobs of a part: for each line one for each single window, and two for groups. */
    private long ownScratchBytes() {
        long outer = columnAxis.output() - (endInner - firstInner);
        return DepthwiseArgument.BYTES + (outer + 2) * partLines * Job.BYTES;
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
        int jobs = 0;
        for (int i = 0; i < lines; i++) {
            for (int window = 0; window < firstInner; window++) {
                put(jobs++, image, line + i, window, 1, operands, scratch);
            }
            for (int window = endInner; window < columnAxis.output(); window++) {
                put(jobs++, image, line + i, window, 1, operands, scratch);
            }
        }
        call(single, jobs, scratch);
        int inner = endInner - firstInner;
        if (inner == 0) {
            return;
        }
        // The last group may overlap the one before it.
        int groups = inner / groupWindows;
        boolean overlaps = inner % groupWindows > 0;
        jobs = 0;
        for (int i = 0; i < lines; i++) {
            put(jobs++, image, line + i, firstInner, groups, operands, scratch);
            if (overlaps) {
                put(jobs++, image, line + i, endInner - groupWindows, 1, operands, scratch);
            }
        }
        call(group, jobs, scratch);
    }

    private static void call(NativeFunction function, int jobs, MemorySegment scratch) {
        if (jobs > 0) {
            DepthwiseArgument.JOB_COUNT.set(scratch, jobs);
            function.call(scratch.address());
        }
    }

    /** Writes a job for groups of windows of a line. */
    private void put(
            int job, int image, int line, int window, int groups, MemorySegment[] operands, MemorySegment scratch) {
        int firstLine = rowAxis.firstTap(line);
        int lines = rowAxis.endTap(line) - firstLine;
        int firstTap = columnAxis.firstTap(window);
        int taps = columnAxis.endTap(window) - firstTap;
        long result = ((long) image * rowAxis.output() + line) * columnAxis.output() + window;
        long xLine = (long) image * rowAxis.input() + rowAxis.start(line) + (long) firstLine * rowAxis.dilation();
        long pixel = xLine * columnAxis.input() + columnAxis.start(window) + (long) firstTap * columnAxis.dilation();
        long at = DepthwiseArgument.BYTES + (long) job * Job.BYTES;
        long tap = (long) firstLine * columnAxis.kernel() + firstTap;
        set(scratch, at, Job.X, operands[0].address() + pixel * pixelBytes);
        set(scratch, at, Job.W, operands[1].address() + tap * pixelBytes);
        set(scratch, at, Job.Y, operands[p.output()].address() + result * pixelBytes);
        set(scratch, at, Job.GROUPS, groups);
        set(scratch, at, Job.LINES, taps > 0 ? Math.max(0, lines) : 0);
        set(scratch, at, Job.TAPS, taps);
    }

    private static void set(MemorySegment scratch, long job, Job argument, long value) {
        scratch.set(ValueLayout.JAVA_LONG, job + argument.offset(), value);
    }
}
