package dev.tenon.samples.kafka;

import dev.tenon.error.TenonException;

/**
 * A record can't be scored, today or later: its value can't be read, is no input of the model, an operator does not take
 * it, or its prediction exceeds a limit. The cause says why.
 */
public final class PoisonRecordException extends TenonException {
    private static final long serialVersionUID = 1L;

    PoisonRecordException(RuntimeException cause) {
        super("record", cause.getMessage(), null, "correct the record, and send it again", cause);
    }
}
