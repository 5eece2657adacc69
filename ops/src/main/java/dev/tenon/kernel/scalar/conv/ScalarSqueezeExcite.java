package dev.tenon.kernel.scalar.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.conv.SqueezeExciteProblem;
import dev.tenon.kernel.conv.SqueezeExciteProblem.Loops;
import dev.tenon.kernel.conv.SqueezeExciteProblem.Planes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The squeeze-and-excitation block over float32 images by plain loops, one instance at a time. Sums are float64. The
 * next stage scales the image.
 */
public final class ScalarSqueezeExcite implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long NANOS_PER_ELEMENT = 2;

    private final SqueezeExciteProblem p;
    private final Planes planes;
    private final Loops loops;
    /** Elements from a channel to the next. */
    private final long channelStep;
    /** Elements from a pixel of a channel to the next. */
    private final long pixelStep;

    /**
     * Prepares the kernel of a problem.
     *
     * @param p the problem, with row-major weights
     * @param loops the activations
     */
    public ScalarSqueezeExcite(SqueezeExciteProblem p, Loops loops) {
        this.p = p;
        this.planes = p.planes();
        this.loops = loops;
        this.channelStep = planes.channelsLast() ? 1 : planes.pixels();
        this.pixelStep = planes.channelsLast() ? planes.channels() : 1;
    }

    @Override
    public String id() {
        return "squeeze_excite_f32_scalar";
    }

    @Override
    public int parts() {
        return planes.instances();
    }

    @Override
    public long partNanos() {
        return NANOS_PER_ELEMENT * (planes.elements() + (long) planes.channels() * p.squeezedChannels());
    }

    @Override
    public long scratchBytes() {
        long own = (long) Float.BYTES
                * (SqueezeExciteProblem.paddedChannels(planes.channels())
                        + SqueezeExciteProblem.paddedChannels(p.squeezedChannels()));
        return Math.max(own, p.scale().scratchBytes());
    }

    @Override
    public Kernel nextStage() {
        return p.scale();
    }

    @Override
    public long sharedBytes() {
        return (long) planes.instances() * planes.channels() * Float.BYTES;
    }

    @Override
    public boolean inPlace(int input, int output) {
        return p.scale().inPlace(input, output);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment gates = operands[operands.length - 1];
        long squeezedOffset = (long) Float.BYTES * SqueezeExciteProblem.paddedChannels(planes.channels());
        for (int instance = from; instance < to; instance++) {
            long start = instance * planes.elements();
            for (int c = 0; c < planes.channels(); c++) {
                scratch.set(F32, (long) c * Float.BYTES, mean(operands[0], start + c * channelStep));
            }
            product(
                    scratch,
                    0,
                    planes.channels(),
                    operands[1],
                    bias(operands, p.firstBias()),
                    squeezedOffset,
                    p.squeezedChannels());
            loops.squeeze().run(scratch, squeezedOffset, scratch, squeezedOffset, p.squeezedChannels());
            product(
                    scratch,
                    squeezedOffset,
                    p.squeezedChannels(),
                    operands[2],
                    bias(operands, p.secondBias()),
                    0,
                    planes.channels());
            loops.excite().run(scratch, 0, scratch, 0, planes.channels());
            long bytes = (long) planes.channels() * Float.BYTES;
            MemorySegment.copy(scratch, 0, gates, instance * bytes, bytes);
        }
    }

    private float mean(MemorySegment x, long at) {
        double sum = 0;
        for (long i = 0; i < planes.pixels(); i++) {
            sum += x.get(F32, (at + i * pixelStep) * Float.BYTES);
        }
        return (float) (sum / planes.pixels());
    }

    private static MemorySegment bias(MemorySegment[] operands, int index) {
        return index < 0 ? null : operands[index];
    }

    /** Writes the product of a matrix and a vector, plus a bias. The rows of the matrix are as long as the vector. */
    private static void product(
            MemorySegment scratch, long from, int length, MemorySegment w, MemorySegment bias, long to, int rows) {
        for (int r = 0; r < rows; r++) {
            double sum = bias == null ? 0 : bias.get(F32, (long) r * Float.BYTES);
            for (int i = 0; i < length; i++) {
                sum += (double) w.get(F32, ((long) r * length + i) * Float.BYTES)
                        * scratch.get(F32, from + (long) i * Float.BYTES);
            }
            scratch.set(F32, to + (long) r * Float.BYTES, (float) sum);
        }
    }
}
