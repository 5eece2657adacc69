package dev.tenon.kernel.x64.gemm;

/** How the sums of a tile begin, and what becomes of them. Stateless. */
interface TileEnds {
    /** The part of a function's name that stands for the results. */
    String results();

    /** The size of an element of the result, bytes. */
    int resultBytes();

    /** The size of an element of a residual, bytes. */
    default int residualBytes() {
        return Float.BYTES;
    }

    /** Whether it takes tiles of one vector of columns, half a panel of B. */
    default boolean takesSingleVectors() {
        return false;
    }

    /** Whether rows have zero points, scales or sums, which go along with the rows of a tile. */
    default boolean hasNumbersOfRows() {
        return true;
    }

    /** The registers that it needs besides the sums and one for each vector of columns. */
    int temporaries();

    /** Code before the first tile of a group: variables that go through rows start. */
    default void startRows(TileSums t) {}

    /** Code after a tile: these variables go to the next tile. */
    default void nextRows(TileSums t) {}

    /** Code that gives the sums of a tile their first values. */
    void begin(TileSums t);

    /** Code that turns sums into results and stores them. */
    void end(TileSums t);
}
