package dev.tenon.kernel.vector.resize;

import dev.tenon.kernel.resize.ResizeProblem;
import dev.tenon.kernel.vector.PlainLoops;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.op.geometry.ResizeTaps;
import dev.tenon.testkit.Exhaustive;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scalar loops of resizing have the same bits as the vector loops. */
@Tag("vector")
class PlainResizeTest extends PlainLoops {
    private static final int LANES = SimdSpecies.LANES;

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 5", "5, 9", "7, 14", "13, 26", "20, 50", "40, 80", "57, 57", "9, 100", "90, 40", "80, 9"})
    void resizedPlanes(int size, int newSize) {
        int[] inners = {1, 3, LANES, LANES + 3};
        for (int each : new int[] {1, 2, 3, 4, 7}) {
            for (int inner : inners) {
                if (!Exhaustive.isOn() && inner != inners[(size + each) % inners.length]) {
                    continue;
                }
                ResizeTaps taps = taps(size, newSize, each);
                ResizeProblem p = new ResizeProblem(3, taps, taps, inner, each == 1, 1);
                VectorResize kernel = (VectorResize) VectorResize.of(p);
                MemorySegment x = memory(3 * size * size * inner);
                MemorySegment scratch = memory((int) kernel.scratchBytes() / Float.BYTES);
                compare(
                        memory(3 * newSize * newSize * inner),
                        z -> kernel.run(true, new MemorySegment[] {x, z}, scratch, 0, kernel.parts()),
                        z -> kernel.run(false, new MemorySegment[] {x, z}, scratch, 0, kernel.parts()));
            }
        }
    }

    /** Output elements at equal distances from the first input element to the last, each a sum of some neighbours. */
    private static ResizeTaps taps(int size, int newSize, int each) {
        int[] start = new int[newSize + 1];
        int[] index = new int[each * newSize];
        double[] weight = new double[each * newSize];
        for (int o = 0; o < newSize; o++) {
            double place = newSize == 1 ? 0 : o * (size - 1.0) / (newSize - 1);
            start[o + 1] = each * (o + 1);
            for (int t = 0; t < each; t++) {
                index[each * o + t] = Math.min(size - 1, (int) place + t);
                weight[each * o + t] = each == 1 ? 1 : (place - (int) place + t) / each;
            }
        }
        return new ResizeTaps(size, start, index, weight);
    }
}
