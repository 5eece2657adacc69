package dev.tenon.testkit;

import dev.tenon.kernel.table.Tiers;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Makes a JVM of tests stand for the profile that {@link Profile#PROPERTY} names, before the first test. */
public final class ProfileSession implements LauncherSessionListener {
    /** Made by JUnit. */
    public ProfileSession() {}

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        if (!System.getProperty(Profile.PROPERTY, "").isEmpty()) {
            Tiers.assume(Profile.ofThisRun().instructions());
        }
    }
}
