package dev.tenon.kernel;

/**
 * How a matrix product is cut into blocks that stay in caches: names and loops are those of Goto and van de Geijn,
 * "Anatomy of High-Performance Matrix Multiplication". Blocks of {@code nc} columns come one after the other, in each
 * of them blocks of {@code mc} rows, in each of them blocks of {@code kc} terms.
 *
 * @param kc terms of a block
 * @param mc rows of a block
 * @param nc columns of a block
 * @param wholeRows whether the rows of a block are copied with all their terms, so that they serve for all of its
 *     columns, or with {@code kc} of them at a time
 */
public record GemmBlocking(int kc, int mc, int nc, boolean wholeRows) {
    @Override
    public String toString() {
        return "kc " + kc + " mc " + mc + " nc " + nc + (wholeRows ? "" : " by depth");
    }
}
