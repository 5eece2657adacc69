package dev.tenon.benchmarks.forks;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The memory of a process, in units of 10<sup>6</sup> bytes. A figure is NaN where the system does not tell it.
 *
 * @param resident the resident memory at the end
 * @param peak the most resident memory until then
 * @param huge the part of the memory that is on large pages at the end; files are not counted
 */
public record ForkMemory(double resident, double peak, double huge) {
    /** The memory of a process on a system that does not tell it. */
    public static final ForkMemory UNKNOWN = new ForkMemory(Double.NaN, Double.NaN, Double.NaN);

    /**
     * The median of each figure.
     *
     * @param forks the memory of several forks; may be empty
     * @return the medians; {@link #UNKNOWN} if there are no forks
     */
    public static ForkMemory median(List<ForkMemory> forks) {
        return forks.isEmpty()
                ? UNKNOWN
                : new ForkMemory(
                        median(forks, ForkMemory::resident),
                        median(forks, ForkMemory::peak),
                        median(forks, ForkMemory::huge));
    }

    private static double median(List<ForkMemory> forks, ToDoubleFunction<ForkMemory> figure) {
        return forks.stream().mapToDouble(figure).sorted().toArray()[(forks.size() - 1) / 2];
    }
}
