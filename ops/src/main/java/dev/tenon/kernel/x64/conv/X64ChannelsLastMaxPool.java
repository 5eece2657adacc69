package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.pool.ChannelsLastPoolProblem;
import dev.tenon.kernel.x64.OperandAddresses;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Channels-last maxima of windows of float32 images in machine code. Taps outside of the image are left out. A window with a NaN
 * gives NaN.
 */
public final class X64ChannelsLastMaxPool implements Kernel {
    private final ChannelsLastPoolProblem p;
    private final DepthwiseLines windows;

    private X64ChannelsLastMaxPool(ChannelsLastPoolProblem p, int bits) {
        this.p = p;
        windows = new DepthwiseLines(p.window(), p.instances(), p.channels(), bits, true);
    }

    /**
     * The kernel of a problem.
     *
     * @param p maxima of windows, with at least as many channels as a vector has lanes
     * @param bits the width of vectors: 256 or 512
     * @return the kernel
     */
    public static Kernel of(ChannelsLastPoolProblem p, int bits) {
        return new X64ChannelsLastMaxPool(p, bits);
    }

    @Override
    public String id() {
        return "pool_f32_last_max_x64_" + windows.id();
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
        return windows.scratchBytes();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        // A fault in machine code ends the process, so sizes are checked before.
        windows.checkChannels();
        check(operands[0], p.window().pixels());
        check(operands[1], p.window().windows());
        windows.setCommon(scratch);
        DepthwiseArgument.BIAS.set(scratch, 0);
        DepthwiseArgument.CLIPS.set(scratch, 0);
        DepthwiseArgument.LEAST.set(scratch, Float.NEGATIVE_INFINITY);
        try {
            for (int part = from; part < to; part++) {
                windows.run(part, operands[0].address(), 0, operands[1].address(), scratch);
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
        }
    }

    private void check(MemorySegment segment, long pixels) {
        long bytes = p.instances() * pixels * p.channels() * Float.BYTES;
        Objects.checkFromIndexSize(0, bytes, segment.byteSize());
    }
}
