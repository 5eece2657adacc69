package dev.tenon.kernel;

import dev.tenon.op.WindowAttributes;
import dev.tenon.op.geometry.WindowGrid;
import java.util.Arrays;
import java.util.List;

/**
 * The windows of pooling over a volume, which is a sequence of planes. An operator with two spatial axes has volumes of one
 * plane; with one spatial axis, planes of one row.
 *
 * @param depth the axis from plane to plane
 * @param plane the windows over a plane
 */
public record Window3d(Window2d.Axis depth, Window2d plane) {
    private static final int AXES = 3;

    /**
     * The windows of an operator.
     *
     * @param window strides, dilations and padding
     * @param x the dimensions of the input, [n, c, ...]
     * @param kernel the spatial dimensions of the window
     * @param y the dimensions of the output, [n, m, ...]
     * @return the windows, or null if there are more than three spatial axes, no elements, or sizes above 2<sup>24</sup>
     */
    public static Window3d of(WindowAttributes window, long[] x, long[] kernel, long[] y) {
        if (kernel.length > AXES
                || Arrays.stream(x).anyMatch(d -> d == 0)
                || Arrays.stream(y).anyMatch(d -> d == 0)) {
            return null;
        }
        List<WindowGrid.Axis> axes = WindowGrid.of(
                        window, Arrays.copyOfRange(x, 2, x.length), kernel, Arrays.copyOfRange(y, 2, y.length))
                .axes();
        boolean deep = axes.size() == AXES;
        Window2d.Axis depth = deep ? Window2d.Axis.of(axes.getFirst()) : Window2d.Axis.ONE;
        Window2d plane = Window2d.of(new WindowGrid(deep ? axes.subList(1, AXES) : axes));
        boolean fits =
                depth != null && plane != null && depth.kernel() <= Long.MAX_VALUE / plane.windows() / plane.taps();
        return fits ? new Window3d(depth, plane) : null;
    }

    /**
     * The number of elements of a volume of the input.
     *
     * @return at least 1
     */
    public long voxels() {
        return depth.input() * plane.pixels();
    }

    /**
     * The number of windows of a volume.
     *
     * @return at least 1
     */
    public long windows() {
        return depth.output() * plane.windows();
    }

    /**
     * The number of taps of a window.
     *
     * @return at least 1
     */
    public long taps() {
        return depth.kernel() * plane.taps();
    }
}
