package dev.tenon.op.vision;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.geometry.WindowGrid;

/** The elements of one window that are inside of the image. */
final class Taps implements WindowGrid.TapVisitor {
    private static final long MOST = 1 << 24;

    private final long[] pixels;
    private final long[] kernel;
    private int count;

    private Taps(int most) {
        pixels = new long[most];
        kernel = new long[most];
    }

    /** Room for the elements of any window of a grid. */
    static Taps of(String operator, WindowGrid grid, long[] kernel) {
        long most = grid.pixels();
        long elements = 1;
        for (long k : kernel) {
            elements = Math.multiplyHigh(elements, k) == 0 ? elements * k : Long.MAX_VALUE;
            if (elements < 0 || elements > MOST) {
                throw new ResourceLimitException(
                        operator, "a window of more than " + MOST + " elements", MOST + " elements", null);
            }
        }
        return new Taps((int) Math.min(most, elements));
    }

    void collect(WindowGrid grid, long window) {
        count = 0;
        grid.visit(window, this);
    }

    @Override
    public void visit(long input, long kernelIndex) {
        pixels[count] = input;
        kernel[count++] = kernelIndex;
    }

    int count() {
        return count;
    }

    long pixel(int i) {
        return pixels[i];
    }

    long kernel(int i) {
        return kernel[i];
    }
}
