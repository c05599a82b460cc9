"""System checks that refuse an unsafe production configuration."""
