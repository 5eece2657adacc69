package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** On any machine and for any shape, blocks are whole register tiles, cover the work, and fit their caches. */
class TilingBoundsTest {
    private static final int LEAST_ROWS = 24;
    private static final int FINISHED_COLUMNS = 256;

    @Provide
    Arbitrary<Tiling> machines() {
        Arbitrary<Caches> caches = Combinators.combine(
                        Arbitraries.longs().between(1, 1 << 22),
                        Arbitraries.longs().between(1, 1 << 28),
                        Arbitraries.oneOf(
                                Arbitraries.just(0L), Arbitraries.longs().between(1, 1L << 36)))
                .as(Caches::new);
        return Combinators.combine(caches, Arbitraries.of(0, 128, 256, 512), Arbitraries.of(0, 16, 32))
                .as((c, bits, registers) -> Tiling.of(new Capabilities(bits, registers, 0, c)));
    }

    @Provide
    Arbitrary<Integer> sizes() {
        return Arbitraries.oneOf(
                Arbitraries.integers().between(0, 70),
                Arbitraries.integers().between(0, 5000),
                Arbitraries.integers().between(0, 1 << 28));
    }

    @Property(tries = 5000)
    void blocksOfAProduct(
            @ForAll("machines") Tiling machine,
            @ForAll("sizes") int m,
            @ForAll("sizes") int n,
            @ForAll("sizes") int k) {
        MicroTile tile = machine.tile();
        Caches caches = machine.caches();
        GemmBlocking b = machine.gemm(m, n, k);
        assertThat(b.kc()).isBetween(1, tile.depth());
        assertThat((long) b.kc() * Math.ceilDiv(k, b.kc())).isGreaterThanOrEqualTo(k);
        assertThat(b.mc()).isPositive();
        assertThat(b.mc() % tile.rows()).isZero();
        assertThat(b.nc()).isPositive();
        assertThat(b.nc() % tile.columns()).isZero();
        assertThat(b.mc() - tile.rows()).isLessThan(Math.max(1, m));
        assertThat((long) b.nc() - tile.columns()).isLessThan(Math.max(1, n));
        int least = Math.ceilDiv(LEAST_ROWS, tile.rows()) * tile.rows();
        if (b.mc() > least) {
            // The last tile may be split in two.
            long rows = (b.mc() + tile.rows()) * (long) Math.ceilDiv(k, b.kc()) * tile.depth() * Float.BYTES;
            boolean oneBlock = b.mc() >= m && (m + (long) tile.columns()) * k * Float.BYTES <= caches.l2Bytes() * 4 / 5;
            assertThat(oneBlock || rows <= caches.l2Bytes() / 2).isTrue();
            assertThat(b.mc() * (long) FINISHED_COLUMNS * Float.BYTES).isLessThanOrEqualTo(caches.l2Bytes() / 8);
            assertThat(b.wholeRows()).isTrue();
        }
        if (b.nc() < n && b.nc() > FINISHED_COLUMNS) {
            assertThat((long) b.nc() * k * Float.BYTES).isLessThanOrEqualTo(caches.l3Bytes());
        }
    }

    @Property
    void sumsAreCutTheSameWhateverTheCaches(
            @ForAll("machines") Tiling machine,
            @ForAll("machines") Tiling other,
            @ForAll("sizes") int m,
            @ForAll("sizes") int n,
            @ForAll("sizes") int k) {
        Tiling same = new Tiling(machine.tile(), other.caches());
        assertThat(same.gemm(m, n, k).kc()).isEqualTo(machine.gemm(m, n, k).kc());
    }

    @Property
    void blocksOfChains(@ForAll("machines") Tiling machine, @ForAll("sizes") int count) {
        int chain = machine.chainTile(count);
        assertThat(Integer.bitCount(chain)).isEqualTo(1);
        assertThat(chain).isBetween(512, 4096);
    }
}
