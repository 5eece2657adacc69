package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.x64.OperandAddresses;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Channels-last depthwise convolution of float32 images in machine code: each channel is convolved by itself. A part is some
 * lines of the output. An element begins with the bias and is one chain of fused multiply-adds over the taps on the input.
 * Windows across the border of the input read fewer taps. Bounds are applied to sums in registers.
 */
public final class X64ChannelsLastDepthwise implements Kernel {
    private final ChannelsLastConvProblem problem;
    private final ConvProblem p;
    private final DepthwiseLines windows;
    private final int channels;
    private final long pixelBytes;
    private final TileEpilogue epilogue;

    private X64ChannelsLastDepthwise(ChannelsLastConvProblem problem, int bits) {
        this.problem = problem;
        p = problem.conv();
        channels = p.groups();
        pixelBytes = (long) channels * Float.BYTES;
        windows = new DepthwiseLines(p.window(), p.instances(), channels, bits, false);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), windows.scratchBytes());
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

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_last_depthwise_x64_" + windows.id());
    }

    @Override
    public int parts() {
        return windows.parts();
    }

    @Override
    public long partNanos() {
        return windows.partNanos();
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, windows.scratchBytes());
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        checkSizes(operands);
        windows.setCommon(scratch);
        DepthwiseArgument.BIAS.set(scratch, p.bias() < 0 ? 0 : operands[p.bias()].address());
        DepthwiseArgument.CLIPS.set(scratch, problem.isBounded() ? 1 : 0);
        DepthwiseArgument.LEAST.set(scratch, problem.lower());
        DepthwiseArgument.GREATEST.set(scratch, problem.upper());
        MemorySegment y = operands[p.output()];
        try {
            for (int part = from; part < to; part++) {
                windows.run(part, operands[0].address(), operands[1].address(), y.address(), scratch);
                if (epilogue != null) {
                    long at = windows.firstWindow(part) * pixelBytes;
                    epilogue.apply(y, at, windows.windows(part), channels, channels, operands, scratch);
                }
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
        }
    }

    /** A fault in machine code ends the process, so sizes are checked before. */
    private void checkSizes(MemorySegment[] operands) {
        windows.checkChannels();
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
}
