package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Block sizes for machines of other kinds than this one. */
class TilingTest {
    private static final int K = 1 << 10;
    private static final int M = 1 << 20;

    /** Machines, described by their registers and caches. */
    enum Machine {
        AVX2_DESKTOP(256, 16, new Caches(32 * K, 256 * K, 8 * M)),
        ZEN_4(512, 32, new Caches(32 * K, M, 32 * M)),
        SERVER(512, 32, new Caches(48 * K, 2 * M, 480L * M)),
        NEOVERSE(128, 32, new Caches(64 * K, M, 32 * M)),
        WIDE_FIRST_LEVEL(128, 32, new Caches(128 * K, 4 * M, 0)),
        TINY(128, 16, new Caches(16 * K, 128 * K, 0)),
        UNKNOWN(256, 16, Caches.TYPICAL);

        final Capabilities capabilities;
        final Tiling tiling;

        Machine(int bits, int registers, Caches caches) {
            capabilities = new Capabilities(bits, registers, 0, caches);
            tiling = Tiling.of(capabilities);
        }
    }

    private static GemmBlocking gemm(Machine machine, int m, int n, int k) {
        return machine.tiling.gemm(m, n, k);
    }

    @Test
    void tilesAreThoseThatRegistersHold() {
        assertThat(Machine.AVX2_DESKTOP.tiling.tile()).isEqualTo(new MicroTile(4, 16, 512));
        assertThat(Machine.ZEN_4.tiling.tile()).isEqualTo(new MicroTile(12, 32, 512));
        assertThat(Machine.NEOVERSE.tiling.tile()).isEqualTo(new MicroTile(12, 8, 512));
        assertThat(MicroTile.of(Capabilities.SCALAR)).isEqualTo(new MicroTile(4, 8, 512));
    }

    @Test
    void blocksOfALargeProductAreAsLargeAsTheSecondLevelAllows() {
        assertThat(gemm(Machine.TINY, 1024, 1024, 1024)).isEqualTo(new GemmBlocking(512, 24, 1024, false));
        assertThat(gemm(Machine.AVX2_DESKTOP, 1024, 1024, 1024)).isEqualTo(new GemmBlocking(512, 24, 512, false));
        assertThat(gemm(Machine.UNKNOWN, 1024, 1024, 1024)).isEqualTo(new GemmBlocking(512, 88, 1024, true));
        assertThat(gemm(Machine.ZEN_4, 1024, 1024, 1024)).isEqualTo(new GemmBlocking(512, 84, 1024, true));
        assertThat(gemm(Machine.SERVER, 1024, 1024, 1024)).isEqualTo(new GemmBlocking(512, 180, 1024, true));
        assertThat(gemm(Machine.WIDE_FIRST_LEVEL, 1024, 1024, 1024)).isEqualTo(new GemmBlocking(512, 348, 1024, true));
    }

    @Test
    void rowsAreOneBlockIfPanelsDoNotFitTheSecondLevel() {
        assertThat(gemm(Machine.ZEN_4, 49, 2048, 512).mc()).isEqualTo(60);
        assertThat(gemm(Machine.ZEN_4, 49, 256, 256).mc()).isEqualTo(24);
        assertThat(gemm(Machine.WIDE_FIRST_LEVEL, 49, 2048, 512).mc()).isEqualTo(60);
        assertThat(gemm(Machine.SERVER, 49, 512, 4608)).isEqualTo(new GemmBlocking(512, 60, 512, true));
        assertThat(gemm(Machine.ZEN_4, 49, 512, 4608).mc()).isEqualTo(24);
    }

    @Test
    void panelsLargerThanTheThirdLevelAreReadInBlocksOfColumns() {
        assertThat(gemm(Machine.AVX2_DESKTOP, 256, 4096, 4096).nc()).isEqualTo(256);
        assertThat(gemm(Machine.ZEN_4, 256, 4096, 4096).nc()).isEqualTo(512);
        assertThat(gemm(Machine.SERVER, 256, 4096, 4096).nc()).isEqualTo(1024);
        assertThat(gemm(Machine.SERVER, 12, 4096, 4096).nc()).isEqualTo(4096);
        assertThat(gemm(Machine.WIDE_FIRST_LEVEL, 256, 4096, 4096).nc()).isEqualTo(4096);
    }

    @Test
    void sumsAreCutByShapeAlone() {
        for (Machine machine : Machine.values()) {
            assertThat(gemm(machine, 1024, 1024, 1024).kc()).isEqualTo(512);
            assertThat(gemm(machine, 128, 384, 1536).kc()).isEqualTo(512);
            assertThat(gemm(machine, 128, 1536, 384).kc()).isEqualTo(384);
            assertThat(gemm(machine, 7, 9, 2).kc())
                    .isEqualTo(machine.tiling.tile().columns() / 2);
        }
    }

    @Test
    void tilesOfChainsFollowTheFirstLevel() {
        assertThat(List.of(Machine.values()).stream().map(m -> m.tiling.chainTile(4)))
                .containsExactly(2048, 2048, 2048, 4096, 4096, 1024, 2048);
        assertThat(Machine.SERVER.tiling.chainTile(7)).isEqualTo(2048);
        assertThat(Machine.TINY.tiling.chainTile(1000)).isEqualTo(512);
    }

    @ParameterizedTest
    @EnumSource
    void noWorkHasABlockSizeToo(Machine machine) {
        GemmBlocking none = gemm(machine, 0, 0, 0);
        assertThat(List.of(none.kc(), none.mc(), none.nc())).allMatch(size -> size > 0);
        assertThat(machine.tiling.chainTile(0)).isPositive();
        assertThat(machine.tiling.planesFitL2(0)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void anyWorkHasABlockSize(Machine machine) {
        int most = Integer.MAX_VALUE;
        MicroTile tile = machine.tiling.tile();
        for (GemmBlocking b :
                List.of(gemm(machine, most, 16, 16), gemm(machine, 16, most, 16), gemm(machine, 16, 16, most))) {
            assertThat(List.of(b.kc(), b.mc(), b.nc())).allMatch(size -> size > 0);
            assertThat(b.mc() % tile.rows()).isZero();
            assertThat(b.nc() % tile.columns()).isZero();
        }
        assertThat(gemm(machine, 16, most, 16).nc()).isLessThanOrEqualTo(most / tile.columns() * tile.columns());
        assertThat(machine.tiling.chainTile(most)).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void blocksOfPlanesFitTheSecondLevel(Machine machine) {
        long l2 = machine.capabilities.caches().l2Bytes();
        assertThat(machine.tiling.planesFitL2(l2 / 2)).isTrue();
        assertThat(machine.tiling.planesFitL2(l2)).isFalse();
    }
}
