package dev.tenon.samples.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidPropertyException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** The texts of failures: of what the client must change, and of what only the server may know. */
class FailureTest {
    private static final Logger LOG = Logger.getLogger("dev.tenon.samples.serve");

    private static final class Heard extends Handler {
        private final List<Throwable> thrown = new ArrayList<>();

        @Override
        public void publish(LogRecord entry) {
            thrown.add(entry.getThrown());
        }

        @Override
        public void flush() {
            // Nothing is kept back.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    private static List<Throwable> logged(RuntimeException e, String text) {
        Heard heard = new Heard();
        LOG.addHandler(heard);
        LOG.setUseParentHandlers(false);
        try {
            assertThat(Failure.message(e)).contains(text);
        } finally {
            LOG.setUseParentHandlers(true);
            LOG.removeHandler(heard);
        }
        return heard.thrown;
    }

    @Test
    void aFaultOfTheServerIsLoggedAndItsTextStaysThere() {
        String text = "the server failed; its log says why";
        List<RuntimeException> faults =
                List.of(new IllegalStateException("a secret"), new InvalidPropertyException("p", "a secret", "b", "c"));
        for (RuntimeException fault : faults) {
            assertThat(Failure.of(fault)).isEqualTo(Failure.BROKEN);
            assertThat(logged(fault, text)).containsExactly(fault);
        }
    }

    @Test
    void aFaultOfTheRequestIsToldAndNotLogged() {
        assertThat(logged(new InvalidInputException("input 'x'", "2", "3", null), "input 'x'"))
                .isEmpty();
    }
}
