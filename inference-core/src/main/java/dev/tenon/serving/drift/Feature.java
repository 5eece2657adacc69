package dev.tenon.serving.drift;

import dev.tenon.serving.DriftAlarm;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** One column of an input, with its reference and the present window. Guarded by the lock of the monitor. */
interface Feature {
    /**
     * A difference from the reference.
     *
     * @param value the name of the column
     * @param test the test that has found it
     * @param statistic the number that was found
     * @param limit the largest number that is no drift
     */
    record Difference(String value, DriftAlarm.Test test, double statistic, double limit) {}

    /**
     * Limits of the tests.
     *
     * @param psi the index above which a window differs
     * @param missing how much the share of missing values may grow
     * @param probability the probability of a false alarm of one test on one window
     */
    record Limits(double psi, double missing, double probability) {}

    /**
     * Adds an element to the window.
     *
     * @param t the tensor of a call
     * @param index the index of the element; the index of the row for a column that stands for whole rows
     */
    void add(Tensor t, long index);

    /**
     * Compares the window with the reference, and begins a new window.
     *
     * @param limits the limits of the tests
     * @return the differences that were found
     */
    List<Difference> close(Limits limits);
}
