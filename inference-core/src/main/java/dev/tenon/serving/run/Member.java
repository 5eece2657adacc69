package dev.tenon.serving.run;

import dev.tenon.Outputs;
import dev.tenon.tensor.Datum;
import java.util.Map;

/** A call that runs, alone or with others. The thread that runs it calls these methods. */
public interface Member {
    /** {@return its inputs} */
    Map<String, ? extends Datum> inputs();

    /** {@return its rows, at least 0} */
    int rows();

    /**
     * It begins to run, unless it has begun before.
     *
     * @param now the time
     */
    void begin(long now);

    /** {@return whether it has neither a result nor ended} */
    boolean isOpen();

    /** {@return whether nobody waits for its outputs any more} */
    boolean isGone();

    /**
     * It was computed.
     *
     * @param outputs the outputs of the run
     * @param first its first row in them; less than 0 if all rows are its own
     * @param readLate whether its rows may be copied when they are read
     */
    void computed(Outputs outputs, int first, boolean readLate);

    /**
     * It could not be computed.
     *
     * @param outcome the failure
     */
    void failed(Outcome outcome);
}
