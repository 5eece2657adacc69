package dev.tenon.kernel;

/**
 * The block sizes of a matrix product C = A B. Names and loops are those of Goto and van de Geijn, "Anatomy of
 * High-Performance Matrix Multiplication": the outer loop goes over blocks of {@code nc} columns of C, the next one over
 * blocks of {@code mc} rows of A, the inner one over blocks of {@code kc} terms of the sums.
 *
 * @param kc the terms of a block
 * @param mc the rows of a block
 * @param nc the columns of a block
 * @param wholeRows whether the rows of a block of A are packed once with all their k terms and used for all columns of the
 *     block; otherwise {@code kc} terms are packed at a time
 */
public record GemmBlocking(int kc, int mc, int nc, boolean wholeRows) {
    @Override
    public String toString() {
        return "kc " + kc + " mc " + mc + " nc " + nc + (wholeRows ? "" : " by depth");
    }
}
