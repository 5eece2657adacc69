package dev.tenon.kernel.x64.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.asm.InstructionSet;
import dev.tenon.nativecode.Processor;
import dev.tenon.testkit.TestData;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The check of known answers: what it takes for right and for wrong. Vectors stand in for tile registers. */
@Tag("vector")
class TileCheckTest {
    /** A product that changes its arguments. */
    private record Changed(PanelProduct product, Consumer<MemorySegment> change) implements PanelProduct {
        @Override
        public String id() {
            return product.id();
        }

        @Override
        public String tile() {
            return product.tile();
        }

        @Override
        public void run(MemorySegment block, int columns) {
            change.accept(block);
            product.run(block, columns);
        }
    }

    private static PanelProduct product(TileProduct product) {
        TileEnds ends = product instanceof ByteProduct ? new IntegerEnds(IntegerEnds.Result.INT32) : new FloatEnds();
        return new BlockProduct(product, ends, 1, TileCheck.AMX_ROWS);
    }

    static List<TileProduct> products() {
        return List.of(new ByteProduct(512, false), new BFloat16Product());
    }

    @ParameterizedTest
    @MethodSource("products")
    void rightAnswersAreTakenAndWrongOnesAreNot(TileProduct each) {
        boolean there = Processor.detect().containsAll(each.needs());
        TestData.needs(there, "no " + each.suffix(), "tenon.test.every.processor");
        PanelProduct right = product(each);
        assertThat(TileCheck.isRight(TileCheck.Numbers.of(each), right)).isTrue();
        // One step less, or another row of A.
        assertThat(TileCheck.isRight(TileCheck.Numbers.of(each), new Changed(right, b -> TileBlock.setTerms(b, 20))))
                .isFalse();
        assertThat(TileCheck.isRight(
                        TileCheck.Numbers.of(each), new Changed(right, b -> TileBlock.set(b, TileArgument.A_ROW, 80))))
                .isFalse();
    }

    @Test
    void nothingIsWrongHere(TestReporter reporter) {
        Set<InstructionSet> found = Processor.detect();
        boolean tiles = found.contains(InstructionSet.AMX_INT8) || found.contains(InstructionSet.AMX_BF16);
        if (tiles && !Processor.requestTiles()) {
            reporter.publishEntry("not run", "the system gives no right to use tiles");
            found.removeAll(EnumSet.of(InstructionSet.AMX_INT8, InstructionSet.AMX_BF16));
        }
        assertThat(TileCheck.wrong(found)).isEmpty();
        assertThat(TileCheck.wrong(Set.of())).isEmpty();
    }
}
