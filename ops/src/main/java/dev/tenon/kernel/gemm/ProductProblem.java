package dev.tenon.kernel.gemm;

import dev.tenon.kernel.OutputPlace;
import dev.tenon.kernel.TileEpilogue;

/** The problem of a matrix product. */
interface ProductProblem {
    /** {@return the size} */
    ProductSize size();

    /** {@return where the results go} */
    OutputPlace y();

    /** {@return rows of the left matrix and of the result} */
    default int m() {
        return size().m();
    }

    /** {@return columns of the right matrix and of the result} */
    default int n() {
        return size().n();
    }

    /** {@return columns of the left matrix, rows of the right one} */
    default int k() {
        return size().k();
    }

    /** {@return the index of the output among the operands} */
    default int yOperand() {
        return y().operand();
    }

    /** {@return the work on finished blocks of the output, or null} */
    default TileEpilogue epilogue() {
        return y().epilogue();
    }
}
