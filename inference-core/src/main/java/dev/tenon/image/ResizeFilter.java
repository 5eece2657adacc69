package dev.tenon.image;

/**
 * The filter of a resize. All but {@link #NEAREST} widen when an image shrinks, so that every pixel counts (antialiasing). Names
 * and formulas are those of Pillow.
 */
public enum ResizeFilter {
    /** Copies the pixel at the centre of each result. Nothing is averaged. */
    NEAREST(0) {
        @Override
        double weight(double x) {
            throw new UnsupportedOperationException("NEAREST has no weights");
        }
    },

    /** The mean of the pixels that a result covers. */
    BOX(0.5) {
        @Override
        double weight(double x) {
            return x > -0.5 && x <= 0.5 ? 1 : 0;
        }
    },

    /** A triangle of width 2: linear interpolation where an image grows. */
    BILINEAR(1) {
        @Override
        double weight(double x) {
            return Math.max(0, 1 - Math.abs(x));
        }
    },

    /** Cubic convolution with a = -0.5: Keys, Cubic Convolution Interpolation for Digital Image Processing, 1981. */
    BICUBIC(2) {
        @Override
        double weight(double x) {
            double a = -0.5;
            double d = Math.abs(x);
            if (d < 1) {
                return ((a + 2) * d - (a + 3)) * d * d + 1;
            }
            return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
        }
    },

    /** A sinc function with a window of three lobes. */
    LANCZOS(3) {
        @Override
        double weight(double x) {
            return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
        }
    };

    private final double support;

    ResizeFilter(double support) {
        this.support = support;
    }

    /** Half the width of the filter, in pixels of the result. */
    double support() {
        return support;
    }

    /** The weight at a distance from the centre, in pixels of the larger of the two images' grids. */
    abstract double weight(double x);

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }
}
