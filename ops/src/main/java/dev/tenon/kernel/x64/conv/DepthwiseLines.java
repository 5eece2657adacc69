package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.conv.DepthwiseArgument.Job;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/**
 * Windows of channels-last images, each channel by itself, by the functions of {@link DepthwiseEmitter}. A part is some lines of
 * the output. Immutable and thread-safe.
 */
final class DepthwiseLines {
    /** The taps of a part, some ten microseconds, if there are enough lines. */
    private static final long PART_WORK = 1 << 18;

    private static final double TAPS_PER_NANO = 16;

    private final Window2d window;
    private final int instances;
    private final int channels;
    private final int bits;
    private final boolean maximum;
    private final Window2d.Axis rowAxis;
    private final Window2d.Axis columnAxis;
    private final long pixelBytes;
    private final DepthwiseSpan[] spans;

    /** For each span the function that computes its groups. */
    private final NativeFunction[] functions;

    private final int partLines;
    private final int partsOfImage;

    /**
     * Windows.
     *
     * @param window the windows
     * @param instances the number of images
     * @param channels the channels, at least those of a vector
     * @param bits the width of vectors: 256 or 512
     * @param maximum whether a result is the greatest element of a window, else a weighted sum
     */
    DepthwiseLines(Window2d window, int instances, int channels, int bits, boolean maximum) {
        this.window = window;
        this.instances = instances;
        this.channels = channels;
        this.bits = bits;
        this.maximum = maximum;
        rowAxis = window.rows();
        columnAxis = window.columns();
        pixelBytes = (long) channels * Float.BYTES;
        spans = DepthwiseSpan.of(columnAxis).toArray(DepthwiseSpan[]::new);
        functions = Arrays.stream(spans).map(span -> function(span.group())).toArray(NativeFunction[]::new);
        long lineWork = Math.max(1, columnAxis.output() * window.taps() * channels);
        int lines = Math.clamp(Math.ceilDiv(PART_WORK, lineWork), 1, rowAxis.output());
        partsOfImage = Math.ceilDiv(rowAxis.output(), lines);
        partLines = Math.ceilDiv(rowAxis.output(), partsOfImage);
    }

    private String id(DepthwiseGroup group) {
        return group.id() + "x" + bits / Float.SIZE + (bits == 512 ? "_avx512" : "_avx2");
    }

    private NativeFunction function(DepthwiseGroup group) {
        String name = (maximum ? "maximum_f32_" : "depthwise_f32_") + id(group);
        return KernelCode.of(name, () -> new DepthwiseEmitter(bits, group, maximum).emit());
    }

    /** The size of the groups of most windows and the instruction set, such as {@code 8w3s1x16_avx512}. */
    String id() {
        return id(spans[spans.length / 2].group());
    }

    int parts() {
        return Math.multiplyExact(instances, partsOfImage);
    }

    long partNanos() {
        double work = (double) partLines * columnAxis.output() * window.taps() * channels;
        return 1 + (long) (work / TAPS_PER_NANO);
    }

    /** The block of arguments, and a job for each line of a part. */
    long scratchBytes() {
        return DepthwiseArgument.BYTES + (long) partLines * Job.BYTES;
    }

    private int firstLine(int part) {
        return part % partsOfImage * partLines;
    }

    private int lines(int part) {
        return Math.min(partLines, rowAxis.output() - firstLine(part));
    }

    /** The number of a part's first window, counted through all images. */
    long firstWindow(int part) {
        return ((long) part / partsOfImage * rowAxis.output() + firstLine(part)) * columnAxis.output();
    }

    /** The windows of a part. */
    int windows(int part) {
        return lines(part) * columnAxis.output();
    }

    /** Fails if there are fewer channels than a vector has lanes. */
    void checkChannels() {
        Objects.checkIndex(bits / Float.SIZE - 1, channels);
    }

    /** Writes the arguments that all parts have in common, but for bias and bounds. */
    void setCommon(MemorySegment block) {
        DepthwiseArgument.JOBS.set(block, block.address() + DepthwiseArgument.BYTES);
        DepthwiseArgument.X_WINDOW.set(block, columnAxis.stride() * pixelBytes);
        DepthwiseArgument.X_TAP.set(block, columnAxis.dilation() * pixelBytes);
        DepthwiseArgument.X_LINE.set(block, (long) rowAxis.dilation() * columnAxis.input() * pixelBytes);
        DepthwiseArgument.PIXEL.set(block, pixelBytes);
        DepthwiseArgument.W_LINE.set(block, columnAxis.kernel() * pixelBytes);
        DepthwiseArgument.LAST_CHANNELS.set(block, pixelBytes - bits / Byte.SIZE);
    }

    /**
     * Computes a part.
     *
     * @param part the part
     * @param x the address of the input
     * @param w the address of the weights, any number if there are none
     * @param y the address of the output
     * @param scratch the block of arguments, followed by jobs
     */
    void run(int part, long x, long w, long y, MemorySegment scratch) {
        int lines = lines(part);
        DepthwiseArgument.JOB_COUNT.set(scratch, lines);
        for (int i = 0; i < spans.length; i++) {
            for (int job = 0; job < lines; job++) {
                long at = DepthwiseArgument.BYTES + (long) job * Job.BYTES;
                put(at, part / partsOfImage, firstLine(part) + job, spans[i], x, scratch);
                long tap = (long) Math.max(0, rowAxis.firstTap(firstLine(part) + job)) * columnAxis.kernel();
                set(scratch, at, Job.W, w + (tap + spans[i].firstTap()) * pixelBytes);
                long result = firstWindow(part) + (long) job * columnAxis.output() + spans[i].window();
                set(scratch, at, Job.Y, y + result * pixelBytes);
            }
            functions[i].call(scratch.address());
        }
    }

    /** Writes a job for a span of a line, but for the addresses of weights and results. */
    private void put(long at, int image, int line, DepthwiseSpan span, long x, MemorySegment scratch) {
        int firstLine = rowAxis.firstTap(line);
        int lines = rowAxis.endTap(line) - firstLine;
        long inputLine = (long) image * rowAxis.input() + rowAxis.start(line) + (long) firstLine * rowAxis.dilation();
        long column = columnAxis.start(span.window()) + (long) span.firstTap() * columnAxis.dilation();
        set(scratch, at, Job.X, x + (inputLine * columnAxis.input() + column) * pixelBytes);
        set(scratch, at, Job.GROUPS, span.groups());
        set(scratch, at, Job.LINES, span.taps() > 0 ? Math.max(0, lines) : 0);
        set(scratch, at, Job.TAPS, span.taps());
    }

    private static void set(MemorySegment scratch, long job, Job argument, long value) {
        scratch.set(ValueLayout.JAVA_LONG, job + argument.offset(), value);
    }
}
