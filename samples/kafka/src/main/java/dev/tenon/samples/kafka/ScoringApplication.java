package dev.tenon.samples.kafka;

import dev.tenon.Session;
import dev.tenon.error.TenonException;
import dev.tenon.serving.batch.Batcher;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/**
 * The application: scores a topic until it is told to stop by a signal. It ends with 1 if a stream thread fails; a
 * supervisor should start it again then.
 */
public final class ScoringApplication {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int USAGE_ERROR = 2;
    private static final System.Logger LOG = System.getLogger(ScoringApplication.class.getName());

    private ScoringApplication() {}

    /**
     * Runs the application.
     *
     * @param args the file of properties that {@link ScoringSettings} reads
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] args) throws InterruptedException {
        if (args.length != 1) {
            System.err.println("usage: samples/run kafka FILE.properties");
            System.exit(USAGE_ERROR);
        }
        ScoringSettings settings;
        Batcher batcher;
        KafkaStreams streams;
        try {
            settings = ScoringSettings.of(read(Path.of(args[0])));
            Session session = ScoringTopology.session(settings);
            batcher = ScoringTopology.batcher(session, settings);
            streams = new KafkaStreams(ScoringTopology.of(settings, session.model(), batcher), settings.streams());
        } catch (IOException e) {
            System.err.println("The file " + args[0] + " can't be read: " + e);
            System.exit(USAGE_ERROR);
            return;
        } catch (TenonException e) {
            System.err.println(e.getMessage());
            System.exit(USAGE_ERROR);
            return;
        }
        System.exit(run(streams, batcher) ? 0 : 1);
    }

    private static Properties read(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        return properties;
    }

    /** Runs until the process is told to stop, or a thread fails. Returns whether it was the former. */
    private static boolean run(KafkaStreams streams, Batcher batcher) throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        AtomicBoolean failed = new AtomicBoolean();
        streams.setUncaughtExceptionHandler(e -> {
            LOG.log(System.Logger.Level.ERROR, "a stream thread failed", e);
            failed.set(true);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) {
                end.countDown();
            }
        });
        // Commits what is done, so that the next start need not wait for an open transaction to time out.
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            streams.close(PATIENCE);
            LOG.log(System.Logger.Level.INFO, "stopped: {0}", batcher.statistics());
        }));
        streams.start();
        end.await();
        return !failed.get();
    }
}
