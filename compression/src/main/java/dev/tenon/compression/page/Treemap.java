package dev.tenon.compression.page;

import java.util.ArrayList;
import java.util.List;

/**
 * Divides a rectangle into rectangles of given areas that are as square as possible. After Bruls, Huizing and van Wijk,
 * "Squarified Treemaps", 2000.
 */
public final class Treemap {
    private final double[] areas;
    private final List<Box> boxes = new ArrayList<>();
    private double x;
    private double y;
    private double width;
    private double height;

    /**
     * A rectangle.
     *
     * @param x its left side
     * @param y its upper side
     * @param width its width
     * @param height its height
     */
    public record Box(double x, double y, double width, double height) {}

    private Treemap(double[] areas, double width) {
        this.areas = areas;
        this.width = width;
        this.height = 1;
    }

    /**
     * Divides a rectangle.
     *
     * @param sizes the sizes, positive and falling
     * @param width the width of the rectangle; its height is 1
     * @return a rectangle for each size, with an area in proportion to it
     */
    public static List<Box> of(double[] sizes, double width) {
        double sum = 0;
        for (double size : sizes) {
            sum += size;
        }
        double[] areas = new double[sizes.length];
        for (int i = 0; i < areas.length; i++) {
            areas[i] = sizes[i] / sum * width;
        }
        Treemap map = new Treemap(areas, width);
        map.divide();
        return map.boxes;
    }

    private void divide() {
        int from = 0;
        while (from < areas.length) {
            double side = Math.min(width, height);
            int to = from + 1;
            double sum = areas[from];
            while (to < areas.length && worst(from, to + 1, sum + areas[to], side) <= worst(from, to, sum, side)) {
                sum += areas[to++];
            }
            place(from, to, sum);
            from = to;
        }
    }

    /** The largest ratio of the sides of rectangles that share a row along a side. */
    private double worst(int from, int to, double sum, double side) {
        double thickness = sum / side;
        double worst = 1;
        for (int i = from; i < to; i++) {
            double length = areas[i] / thickness;
            worst = Math.max(worst, Math.max(length / thickness, thickness / length));
        }
        return worst;
    }

    private void place(int from, int to, double sum) {
        boolean isColumn = width >= height;
        double thickness = sum / Math.min(width, height);
        double at = isColumn ? y : x;
        for (int i = from; i < to; i++) {
            double length = areas[i] / thickness;
            boxes.add(isColumn ? new Box(x, at, thickness, length) : new Box(at, y, length, thickness));
            at += length;
        }
        if (isColumn) {
            x += thickness;
            width -= thickness;
        } else {
            y += thickness;
            height -= thickness;
        }
    }
}
