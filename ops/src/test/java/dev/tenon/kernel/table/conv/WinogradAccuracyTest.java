package dev.tenon.kernel.table.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout.Form;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.conv.WinogradPoints;
import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Profile;
import dev.tenon.testkit.Tier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The error of Winograd convolution with channels last if the elements of a tile have very different magnitudes, as {@link WinogradPoints}
 * states it, and the results that an element which is not finite reaches. The product without transforms is compared too.
 */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
@AddLifecycleHook(WinogradAccuracyTest.NeedsKernels.class)
class WinogradAccuracyTest {
    private static final String NO_KERNELS = "neither machine code nor the vector tier in this JVM";
    private static final int SIDE = 9;
    private static final Window2d.Axis AXIS = new Window2d.Axis(SIDE, 3, SIDE, 1, 1, 1, 1);
    private static final Window2d PLANE = new Window2d(AXIS, AXIS);
    private static final Numerics CONV = Conv.of(Attributes.none()).numerics();
    private static final Numerics TILES = Numerics.sum(WinogradPoints.ERROR_UNITS);
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    /** A convolution of one instance, with a row of padding around it. */
    private record Operands(int inputs, int outputs, float[] x, float[] w) {
        private static Operands mixed(int inputs, int outputs, int spread, long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            return new Operands(
                    inputs,
                    outputs,
                    mixed(random, inputs * SIDE * SIDE, spread),
                    mixed(random, outputs * inputs * 9, spread / 4));
        }

        /** Numbers of either sign whose magnitudes are spread evenly over binades. */
        private static float[] mixed(SplittableRandom random, int count, int spread) {
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                int exponent = spread == 0 ? 0 : random.nextInt(-spread, spread + 1);
                values[i] = (float) Math.scalb(random.nextDouble(1, 2) * (random.nextBoolean() ? 1 : -1), exponent);
            }
            return values;
        }

        private float x(int c, int row, int column) {
            boolean inside = Math.min(row, column) >= 0 && Math.max(row, column) < SIDE;
            return inside ? x[(c * SIDE + row) * SIDE + column] : 0;
        }

        private float w(int m, int c, int tap) {
            return w[(m * inputs + c) * 9 + tap];
        }

        private double sum(int m, int row, int column, boolean absolute) {
            double sum = 0;
            for (int c = 0; c < inputs; c++) {
                for (int t = 0; t < 9; t++) {
                    double term = (double) x(c, row - 1 + t / 3, column - 1 + t % 3) * w(m, c, t);
                    sum += absolute ? Math.abs(term) : term;
                }
            }
            return sum;
        }

        /** The sum of absolute values if all elements that a tile sees were as large as the largest of their channel. */
        private double tileMagnitude(int m, int row, int column, int tile) {
            double sum = 0;
            for (int c = 0; c < inputs; c++) {
                double most = 0;
                for (int i = -1; i <= tile; i++) {
                    for (int j = -1; j <= tile; j++) {
                        most = Math.max(most, Math.abs(x(c, row / tile * tile + i, column / tile * tile + j)));
                    }
                }
                for (int t = 0; t < 9; t++) {
                    sum += most * Math.abs(w(m, c, t));
                }
            }
            return sum;
        }
    }

    /** The result {@code [outputs, 9, 9]} of the kernel for tiles of a size, which is 0 for the kernel without tiles. */
    private static float[] run(Operands o, int tile, Capabilities machine) {
        ConvProblem p = new ConvProblem(PLANE, 1, 1, o.inputs(), o.outputs(), -1, 2);
        Tensor w = Tensor.of(o.w(), o.outputs(), o.inputs(), 3, 3);
        Form form = tile == 0 ? Form.PANELS : tile == 2 ? Form.WINOGRAD_2X2 : Form.WINOGRAD_4X4;
        ChannelsLastWeightLayout layout = new ChannelsLastWeightLayout(form, machine.panelColumns());
        Kernel kernel = ChannelsLastConvKernels.TABLE.prepare(new ChannelsLastConvProblem(p, form), machine);
        assertThat(kernel.id().contains("winograd")).as(kernel.id()).isEqualTo(tile > 0);
        MemorySegment[] operands = {
            memory(o.x().length),
            memory(layout.byteSize(w.type()) / Float.BYTES),
            memory((long) o.outputs() * SIDE * SIDE)
        };
        layout.pack(w, operands[1]);
        for (int i = 0; i < o.x().length; i++) {
            operands[0].setAtIndex(F32, last(i, o.inputs()), o.x()[i]);
        }
        kernel.runAll(operands, memory(kernel.scratchBytes() / Float.BYTES + 1));
        float[] y = new float[o.outputs() * SIDE * SIDE];
        for (int i = 0; i < y.length; i++) {
            y[i] = operands[2].getAtIndex(F32, last(i, o.outputs()));
        }
        return y;
    }

    private static MemorySegment memory(long elements) {
        return Arena.ofAuto().allocate(elements * Float.BYTES, 64);
    }

    /** The index of an element if the channels are the last axis. */
    private static int last(int index, int channels) {
        return index % (SIDE * SIDE) * channels + index / (SIDE * SIDE);
    }

    private interface Magnitude {
        double of(int m, int row, int column);
    }

    /** The largest quotient of an element's error and its bound. */
    private static double worst(Operands o, float[] y, Numerics numerics, Magnitude magnitude) {
        double worst = 0;
        for (int i = 0; i < y.length; i++) {
            int m = i / (SIDE * SIDE);
            int row = i / SIDE % SIDE;
            int column = i % SIDE;
            double exact = o.sum(m, row, column, false);
            double bound = numerics.tolerance(DType.FLOAT32, exact, magnitude.of(m, row, column));
            worst = Math.max(worst, Math.abs(y[i] - exact) / bound);
        }
        return worst;
    }

    /** Leaves the properties out where no kernel takes channels last in panels. An assumption within it would count as an exhausted one. */
    static final class NeedsKernels implements SkipExecutionHook {
        @Override
        public SkipResult shouldBeSkipped(LifecycleContext context) {
            return machines().isEmpty() ? SkipResult.skip(NO_KERNELS) : SkipResult.doNotSkip();
        }
    }

    /** {@return those with such kernels: of each width of machine code, and the vector tier in its run} */
    private static List<Capabilities> machines() {
        List<Capabilities> machines = new ArrayList<>(Profile.ofEachWidthIfAny());
        if (Tier.capabilities().vector()) {
            machines.add(Tier.capabilities().withInstructions(Set.of()));
        }
        return machines;
    }

    /** The vector tier has no tiles of 2. */
    private static boolean hasTiles(int tile, Capabilities machine) {
        return tile != 2 || !machine.vector();
    }

    private static void checkTiles(Operands o) {
        for (Capabilities machine : machines()) {
            for (int tile : new int[] {2, 4}) {
                if (!hasTiles(tile, machine)) {
                    continue;
                }
                float[] y = run(o, tile, machine);
                assertThat(worst(o, y, TILES, (m, row, column) -> o.tileMagnitude(m, row, column, tile)))
                        .as("tiles of %s", tile)
                        .isLessThanOrEqualTo(1);
            }
        }
    }

    @Property(tries = 4)
    void errorsAreRelativeToTheLargestElementsOfATile(
            @ForAll @IntRange(min = 1, max = 40) int inputs,
            @ForAll @IntRange(min = 0, max = 24) int spread,
            @ForAll long seed) {
        checkTiles(Operands.mixed(inputs, 17, spread, seed));
    }

    /** One tap of each kernel is far larger than the others, and the transform spreads it to all elements of a tile. */
    @Property(tries = 4)
    void errorsAreRelativeWhereOneTapDominates(
            @ForAll @IntRange(min = 12, max = 40) int inputs,
            @ForAll @IntRange(min = 0, max = 12) int spread,
            @ForAll long seed) {
        Operands o = Operands.mixed(inputs, 18, spread, seed);
        for (int i = 0; i < o.w().length; i++) {
            o.w()[i] *= i % 9 == i / 9 / inputs % 9 ? 1 : 0x1p-20f;
        }
        checkTiles(o);
    }

    /** Only the product keeps to the bound that an element's own terms give. STRICT asks for it. */
    @Property(tries = 4)
    void theProductKeepsToTheBoundOfTheOperator(
            @ForAll @IntRange(min = 1, max = 40) int inputs,
            @ForAll @IntRange(min = 0, max = 24) int spread,
            @ForAll long seed) {
        Operands o = Operands.mixed(inputs, 17, spread, seed);
        for (Capabilities machine : machines()) {
            assertThat(worst(o, run(o, 0, machine), CONV, (m, row, column) -> o.sum(m, row, column, true)))
                    .isLessThanOrEqualTo(1);
        }
    }

    /** With tiles of 4, an element a million times larger than others causes errors in results that do not depend on it. */
    @Test
    void aLargeElementSpreadsItsErrorOverItsTiles() {
        assumeFalse(machines().isEmpty(), NO_KERNELS);
        Operands o = Operands.mixed(16, 20, 0, 7);
        int place = 4 * SIDE + 5;
        o.x()[place] = 1e6f;
        Magnitude own = (m, row, column) -> o.sum(m, row, column, true);
        for (Capabilities machine : machines()) {
            if (hasTiles(2, machine)) {
                assertThat(worst(o, run(o, 2, machine), CONV, own)).isLessThanOrEqualTo(1);
            }
            float[] y = run(o, 4, machine);
            assertThat(worst(o, y, CONV, own)).isGreaterThan(1);
            assertThat(worst(
                            o,
                            y,
                            CONV,
                            (m, row, column) -> sharesTile(row, column, place, 4)
                                    ? Double.POSITIVE_INFINITY
                                    : own.of(m, row, column)))
                    .as("elsewhere")
                    .isLessThanOrEqualTo(1);
        }
    }

    /** Whether the tile of a result reads an element of the input. */
    private static boolean sharesTile(int row, int column, int place, int tile) {
        int down = place / SIDE - row / tile * tile;
        int across = place % SIDE - column / tile * tile;
        return Math.min(down, across) >= -1 && Math.max(down, across) <= tile;
    }

    private static boolean isInWindow(int row, int column, int place) {
        return Math.abs(place / SIDE - row) <= 1 && Math.abs(place % SIDE - column) <= 1;
    }

    @Test
    void valuesThatAreNotFiniteSpreadOverTheirTilesOfFourOnly() {
        assumeFalse(machines().isEmpty(), NO_KERNELS);
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE}) {
            for (int tile : new int[] {0, 2, 4}) {
                for (Capabilities machine : machines()) {
                    if (!hasTiles(tile, machine)) {
                        continue;
                    }
                    Operands o = Operands.mixed(13, 20, 0, 3);
                    float[] without = run(o, tile, machine);
                    int place = 4 * SIDE + 5;
                    o.x()[6 * SIDE * SIDE + place] = value;
                    checkSpread(o, run(o, tile, machine), without, place, tile);
                }
            }
        }
    }

    private static void checkSpread(Operands o, float[] y, float[] without, int place, int tile) {
        int spread = 0;
        for (int i = 0; i < y.length; i++) {
            int row = i / SIDE % SIDE;
            int column = i % SIDE;
            boolean sees = isInWindow(row, column, place);
            if (!sees && !(tile == 4 && sharesTile(row, column, place, tile))) {
                assertThat(y[i]).as("element %s, tiles of %s", i, tile).isEqualTo(without[i]);
            } else if (!sees) {
                spread += Float.isFinite(y[i]) ? 0 : 1;
            } else if (!Float.isFinite(o.x()[6 * SIDE * SIDE + place])) {
                assertThat(Float.isFinite(y[i]))
                        .as("element %s, tiles of %s", i, tile)
                        .isFalse();
            }
        }
        assertThat(spread > 0).as("tiles of %s", tile).isEqualTo(tile == 4);
    }
}
