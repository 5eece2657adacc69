package dev.tenon.benchmarks.cases;

import dev.tenon.NumericsMode;
import dev.tenon.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The terms of a comparison: how Tenon computes and is called, and whether peers get large pages too. Peers run the model
 * as it is.
 *
 * @param precision the numbers with which Tenon computes products
 * @param numerics how closely Tenon follows the operators of the model
 * @param call how Tenon is called
 * @param hugePages whether glibc asks for large pages in the forks of peers. Tenon always moves large memory onto them
 */
public record Terms(Precision precision, NumericsMode numerics, Invocation call, boolean hugePages) {
    /** The terms unless the command line says otherwise. */
    public static final Terms STANDARD = new Terms(Precision.FP32, NumericsMode.STANDARD, Invocation.PREPARED, false);

    /** The name of the parameter of {@link #precision}. */
    public static final String PRECISION = "precision";

    /** The name of the parameter of {@link #numerics}. */
    public static final String NUMERICS = "numerics";

    /** The name of the parameter of {@link #call}. */
    public static final String CALL = "call";

    /** The name of the parameter of {@link #hugePages}. */
    public static final String HUGE_PAGES = "hugePages";

    /**
     * The terms that parameters of a case name.
     *
     * @param parameters values by the names of parameters; others than these four are ignored
     * @return the terms; those of {@link #STANDARD} where the parameters name none
     */
    public static Terms of(Map<String, String> parameters) {
        return new Terms(
                Precision.valueOf(parameters.getOrDefault(PRECISION, STANDARD.precision.name())),
                NumericsMode.valueOf(parameters.getOrDefault(NUMERICS, STANDARD.numerics.name())),
                Invocation.valueOf(parameters.getOrDefault(CALL, STANDARD.call.name())),
                Boolean.parseBoolean(parameters.get(HUGE_PAGES)));
    }

    /**
     * The terms that distinguish cases of one run.
     *
     * @return such as {@code INT8_DYNAMIC} or {@code STRICT map}; empty for those of {@link #STANDARD}
     */
    public String title() {
        List<String> words = new ArrayList<>();
        if (precision != STANDARD.precision) {
            words.add(precision.name());
        }
        if (numerics != STANDARD.numerics) {
            words.add(numerics.name());
        }
        if (call != STANDARD.call) {
            words.add(call.id());
        }
        return String.join(" ", words);
    }
}
